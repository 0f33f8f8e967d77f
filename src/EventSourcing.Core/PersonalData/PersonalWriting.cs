using System.Text.Json;

namespace EventSourcing;

/// <summary>One text that is being written by this thread, as far as personal data is concerned.</summary>
/// <param name="keys">The keys.</param>
/// <param name="isForgetful">Whether what belongs to a forgotten subject is written as forgotten; otherwise it is refused.</param>
/// <param name="missing">Takes the subjects whose keys are not at hand; then what is written is not to be used. Null where they are asked for at once.</param>
internal sealed class PersonalWriting(SubjectKeys keys, bool isForgetful, HashSet<string>? missing) : IDisposable
{
    [ThreadStatic]
    private static PersonalWriting? current;

    private readonly Stack<(SubjectProperty Property, object Value)> enclosing = [];
    private readonly PersonalWriting? outer = current;
    private string? within;
    private int count;
    private int around;
    private List<string>? subjects;

    /// <summary>What this thread is writing.</summary>
    public static PersonalWriting? Current => current;

    /// <summary>The subject of the nearest object around that has one.</summary>
    /// <exception cref="PersonalDataException">It does not say which.</exception>
    public string? Enclosing => enclosing.TryPeek(out var around) ? around.Property.Of(around.Value) : null;

    /// <summary>Whose data was written.</summary>
    public IReadOnlyList<string> Subjects => (IReadOnlyList<string>?)subjects ?? [];

    /// <summary>Whether anything personal was written, or what stands for it.</summary>
    public bool IsPersonal { get; private set; }

    /// <summary>Begins to write on this thread; ends when it is disposed.</summary>
    public static PersonalWriting Begin(SubjectKeys keys, bool isForgetful, HashSet<string>? missing) =>
        current = new PersonalWriting(keys, isForgetful, missing);

    public void Dispose() => current = outer;

    public void Enter(SubjectProperty property, object value) => enclosing.Push((property, value));

    public void Leave() => enclosing.Pop();

    public void Write(Utf8JsonWriter writer, PersonalValue value)
    {
        var property = value.Property;
        var subject = value.Subject ?? throw new PersonalDataException(
            $"'{property.Name}' of {property.Owner.FullName} is personal, and nothing says whose it is: mark the property that does with [DataSubject], there or in an object around it.");
        if (subject == within)
        {
            // Encrypted with the same key already, as part of what it stands in.
            writer.WriteRawValue(property.Json(value.Value), skipInputValidation: true);
            return;
        }

        IsPersonal = true;
        var key = missing is null ? keys.LoadOrAdd(subject) : keys.Find(subject);
        if (key is null)
        {
            // Written by itself all the same, and thrown away: what is inside may be another subject's.
            missing!.Add(subject);
            Inside(property, value.Value, subject, writer.CurrentDepth);
            writer.WriteNullValue();
            return;
        }

        if (key.IsForgotten)
        {
            if (!isForgetful)
            {
                throw new SubjectForgottenException(subject);
            }

            writer.WriteRawValue(property.Forgotten.IsEmpty ? JsonText(keys.ForgottenText) : property.Forgotten, skipInputValidation: true);
            return;
        }

        var plain = Inside(property, value.Value, subject, writer.CurrentDepth);
        PersonalMarker.Write(writer, key, plain, property.Forgotten);
        count++;
        if (subjects?.Contains(subject) != true)
        {
            (subjects ??= []).Add(subject);
        }
    }

    /// <summary>Refuses what has come to look like personal data without being any.</summary>
    /// <exception cref="JsonException">There is more of it than was written here.</exception>
    public void ThrowIfForged(ReadOnlySpan<byte> json)
    {
        if (PersonalMarker.CountIn(json) != count)
        {
            throw new JsonException($"A value looks like stored personal data: an object that begins with '{PersonalMarker.Name}' is this library's own.");
        }
    }

    private byte[] Inside(PersonalProperty property, object value, string subject, int depth)
    {
        var (outerSubject, outerCount, outerDepth) = (within, count, around);
        (within, count, around) = (subject, 0, around + depth);
        try
        {
            var plain = property.Json(value);
            ThrowIfForged(plain);
            property.ThrowIfTooDeep(plain, around);
            return plain;
        }
        finally
        {
            (within, count, around) = (outerSubject, outerCount, outerDepth);
        }
    }

    private static byte[] JsonText(string text) => System.Text.Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(text)}\"");
}
