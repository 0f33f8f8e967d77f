using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventSourcing;

/// <summary>Knows how classes look as JSON: what the application says first, then the contexts of the registry, then reflection.</summary>
/// <remarks>Reflection is no answer where the application said what to use, nor in a trimmed one: there it would find classes whose
/// properties are gone, and write events without them.</remarks>
/// <param name="types">The registry, which may be given further contexts later.</param>
/// <param name="own">What the application says; null for nothing.</param>
internal sealed class EventJsonResolver(EventTypeRegistry types, IJsonTypeInfoResolver? own) : IJsonTypeInfoResolver
{
    private readonly DefaultJsonTypeInfoResolver? last = own is null && JsonSerializer.IsReflectionEnabledByDefault ? Reflection() : null;

    public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options)
    {
        if (own?.GetTypeInfo(type, options) is { } chosen)
        {
            return chosen;
        }

        foreach (var context in types.Json)
        {
            if (context.GetTypeInfo(type, options) is { } known)
            {
                return known;
            }
        }

        return ((IJsonTypeInfoResolver)LibraryEvents.Default).GetTypeInfo(type, options) ?? last?.GetTypeInfo(type, options);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Not used where the application is trimmed.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "As above.")]
    private static DefaultJsonTypeInfoResolver Reflection() => new();
}
