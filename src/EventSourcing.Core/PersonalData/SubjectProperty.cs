using System.Text.Json.Serialization.Metadata;

namespace EventSourcing;

/// <summary>The property that says whose data an object holds.</summary>
internal sealed class SubjectProperty(Type type, JsonPropertyInfo property)
{
    private readonly Func<object, object?> get = property.Get!;
    private readonly string name = property.Name;

    /// <summary>The subject of an object.</summary>
    /// <exception cref="PersonalDataException">It names none, or what can be none.</exception>
    public string Of(object value)
    {
        try
        {
            return SubjectTag.Text(get(value) ?? throw new ArgumentException("it is null."));
        }
        catch (ArgumentException unfit)
        {
            throw new PersonalDataException($"'{name}' of {type.FullName} is to say whose personal data this is, and does not: {unfit.Message}", inner: unfit);
        }
    }
}
