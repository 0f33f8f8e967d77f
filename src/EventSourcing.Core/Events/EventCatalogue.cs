using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventSourcing;

/// <summary>
/// All types of events that an application reads: their stored names and the JSON schemas of their payloads. What the log holds is for
/// good, so let a test compare <see cref="ToString"/> with a text that somebody has approved: a property renamed by accident then
/// fails a build and not, later, the reading of a log.
/// </summary>
/// <remarks>Names of classes and namespaces are no part of the text, but for classes that are made by upcasters and never stored: they may
/// change. What a converter of yours writes has no schema: it shows as <c>true</c>.</remarks>
public sealed class EventCatalogue
{
    private static readonly JsonSerializerOptions Text = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private EventCatalogue(IReadOnlyList<EventContract> events) => Events = events;

    /// <summary>The types of events, by stored name.</summary>
    public IReadOnlyList<EventContract> Events { get; }

    /// <summary>The catalogue of what a serializer reads, with its names, upcasters and options.</summary>
    /// <param name="serializer">The serializer.</param>
    /// <returns>The catalogue.</returns>
    /// <exception cref="InvalidOperationException">A class cannot be written as JSON.</exception>
    public static EventCatalogue Of(EventSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);

        // Shapes are no secret, and take no keys.
        serializer = serializer.With(keys: null);
        var types = serializer.Types;
        var steps = types.Upcasters.Current;
        var current = types.Types.Select(type => new EventContract(
            types.NameOf(type), type, EventSchema.Of(type, types.NameOf(type), serializer), steps.ByClass.TryGetValue(type, out var step) ? Named(step.Into) : []));
        var lifted = steps.ByName.Select(step => new EventContract(step.Key, null, null, step.Value.Into));
        return new EventCatalogue([.. current.Concat(lifted).OrderBy(contract => contract.StoredName, StringComparer.Ordinal)]);

        // A class that is only a step on the way has no stored name: what it becomes has one.
        IReadOnlyList<string> Named(IEnumerable<Type> into) => [.. into.SelectMany(type =>
            types.Types.Contains(type) ? [types.NameOf(type)] : steps.ByClass.TryGetValue(type, out var next) ? Named(next.Into) : [type.Name]).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The catalogue of the classes of an assembly that carry an <see cref="EventTypeAttribute"/>.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="options">How payloads look; the default of <see cref="EventSerializer"/> where it is null.</param>
    /// <returns>The catalogue.</returns>
    /// <exception cref="InvalidOperationException">No class carries the attribute, a name is taken twice, or a class cannot be written as JSON.</exception>
    [RequiresUnreferencedCode("Looks through all types of the assembly.")]
    public static EventCatalogue Of(Assembly assembly, JsonSerializerOptions? options = null) =>
        Of(new EventSerializer(new EventTypeRegistry().AddFrom(assembly), options));

    /// <summary>The catalogue as JSON, the same text for the same contracts.</summary>
    public override string ToString()
    {
        var all = new JsonObject();
        foreach (var contract in Events)
        {
            var one = new JsonObject();
            if (contract.Schema is not null)
            {
                one["schema"] = contract.Schema.DeepClone();
            }

            if (contract.LiftedTo.Count > 0 || contract.Schema is null)
            {
                one["liftedTo"] = new JsonArray([.. contract.LiftedTo.Select(name => (JsonNode)name)]);
            }

            all[contract.StoredName] = one;
        }

        return all.ToJsonString(Text) + "\n";
    }
}
