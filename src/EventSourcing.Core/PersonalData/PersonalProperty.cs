using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventSourcing;

/// <summary>A property that is written encrypted.</summary>
internal sealed class PersonalProperty
{
    // What System.Text.Json takes zero for.
    private const int DefaultMaxDepth = 64;

    private readonly Type owner;
    private readonly JsonPropertyInfo original;
    private readonly Func<object, object?> get;
    private readonly SubjectProperty? subject;
    private readonly JsonSerializerOptions ownersOptions;
    private readonly JsonSerializerOptions options;
    private byte[]? forgotten;

    public PersonalProperty(Type owner, JsonPropertyInfo original, SubjectProperty? subject, JsonSerializerOptions options)
    {
        this.owner = owner;
        this.original = original;
        this.subject = subject;
        ownersOptions = options;
        this.options = Own(original, options);
        get = original.Get!;
    }

    public string Name => original.Name;

    public Type Owner => owner;

    /// <summary>What System.Text.Json is to write in its place.</summary>
    public JsonPropertyInfo Replacement
    {
        get
        {
            var replacement = JsonMetadataServices.CreatePropertyInfo(ownersOptions, new JsonPropertyInfoValues<PersonalValue>
            {
                IsProperty = true,
                IsPublic = true,
                DeclaringType = owner,
                Converter = PersonalValueConverter.Instance,
                PropertyName = original.Name,
                Getter = Of,
            });
            replacement.Name = original.Name;
            replacement.Order = original.Order;
            if (original.ShouldSerialize is { } should)
            {
                replacement.ShouldSerialize = (value, _) => should(value, get(value));
            }

            return replacement;
        }
    }

    /// <summary>The JSON of a value.</summary>
    /// <exception cref="PersonalDataException">It cannot be written.</exception>
    public byte[] Json(object value)
    {
        try
        {
            return Write(value);
        }
        catch (Exception unwritable) when (unwritable is not (PersonalDataException or SubjectForgottenException or EventStoreUnavailableException))
        {
            // What a converter says may repeat what it was given, and ends up in logs.
            throw new PersonalDataException($"'{Name}' of {owner.FullName} cannot be written as JSON: {unwritable.GetType().Name}. What it says is left out, because it is about personal data.");
        }
    }

    /// <summary>The JSON that stands for it once it is forgotten; empty for a text.</summary>
    public ReadOnlySpan<byte> Forgotten => forgotten ??= Forget();

    /// <summary>Refuses what could not be read any more, once it is back in its place: it was written by itself.</summary>
    /// <exception cref="PersonalDataException">It is nested too deeply.</exception>
    public void ThrowIfTooDeep(ReadOnlySpan<byte> json, int around)
    {
        if (json is not [(byte)'{' or (byte)'[', ..])
        {
            return;
        }

        var left = (options.MaxDepth == 0 ? DefaultMaxDepth : options.MaxDepth) - around;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= left)
            {
                throw new PersonalDataException($"'{Name}' of {owner.FullName} is nested too deeply to be read again.");
            }
        }
    }

    private byte[] Write(object value) => JsonSerializer.SerializeToUtf8Bytes(value, options.GetTypeInfo(original.PropertyType));

    // Null stays null: that nothing is known is no secret worth a key.
    private PersonalValue? Of(object from) =>
        get(from) is { } value ? new PersonalValue(this, value, subject is null ? PersonalWriting.Current?.Enclosing : subject.Of(from)) : null;

    // What is not a text has to be something that its type can be read from, without asking for the type then.
    private byte[] Forget()
    {
        var type = original.PropertyType;
        if (type == typeof(string))
        {
            return [];
        }

        if (type.IsValueType && Nullable.GetUnderlyingType(type) is null)
        {
            try
            {
                return Write(Default(type));
            }
            catch (Exception unwritable) when (unwritable is JsonException or InvalidOperationException or NotSupportedException or ArgumentException or NullReferenceException)
            {
                // Its converter writes no default: perhaps it reads null.
                return "null"u8.ToArray();
            }
        }

        return (options.GetTypeInfo(type).Kind switch
        {
            JsonTypeInfoKind.Enumerable => "[]"u8,
            JsonTypeInfoKind.Dictionary => "{}"u8,
            _ => "null"u8,
        }).ToArray();
    }

    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "The default of a value type runs no constructor.")]
    private static object Default(Type type) => RuntimeHelpers.GetUninitializedObject(type);

    private static JsonSerializerOptions Own(JsonPropertyInfo original, JsonSerializerOptions options)
    {
        if (original.CustomConverter is null && original.NumberHandling is null)
        {
            return options;
        }

        // The property's own converter counts for its value alone, which is written by itself here.
        var own = new JsonSerializerOptions(options) { NumberHandling = original.NumberHandling ?? options.NumberHandling };
        if (original.CustomConverter is { } converter)
        {
            own.Converters.Insert(0, converter);
        }

        return own;
    }
}
