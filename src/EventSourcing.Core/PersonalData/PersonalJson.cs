using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventSourcing;

/// <summary>JSON with personal data encrypted, as it is stored.</summary>
internal sealed class PersonalJson(SubjectKeys keys)
{
    private readonly PersonalReading reading = new(keys);

    /// <summary>Writes an event, unless it holds data of a forgotten subject.</summary>
    /// <param name="value">The event.</param>
    /// <param name="info">How it looks as JSON.</param>
    /// <param name="missing">Takes subjects whose keys are not at hand; where there are any, what was written is not to be used. Null where
    /// keys are asked for at once.</param>
    /// <returns>The JSON, and whose data it holds.</returns>
    public (byte[] Json, IReadOnlyList<string> Subjects) WriteEvent(object value, JsonTypeInfo info, HashSet<string>? missing)
    {
        using var writing = PersonalWriting.Begin(keys, isForgetful: false, missing);
        var json = JsonSerializer.SerializeToUtf8Bytes(value, info);
        writing.ThrowIfForged(json);
        return (json, writing.Subjects);
    }

    /// <summary>Writes a view or a snapshot: what belongs to a forgotten subject as it reads.</summary>
    /// <returns>The JSON, and whether anything in it is personal.</returns>
    public (byte[] Json, bool IsPersonal) WriteView(object? value, JsonTypeInfo info)
    {
        using var writing = PersonalWriting.Begin(keys, isForgetful: true, missing: null);
        var json = JsonSerializer.SerializeToUtf8Bytes(value, info);
        writing.ThrowIfForged(json);
        return (json, writing.IsPersonal);
    }

    /// <summary>The JSON with all values in their places; the same where there are none.</summary>
    public ReadOnlySpan<byte> Reveal(ReadOnlySpan<byte> json) => reading.Reveal(json);

    /// <summary>Reads an object.</summary>
    public T? Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> info)
    {
        try
        {
            return JsonSerializer.Deserialize(Reveal(json), info);
        }
        catch (Exception unreadable) when (PersonalReading.IsIn(json) && unreadable is not (PersonalDataException or EventStoreUnavailableException))
        {
            throw new JsonException($"{typeof(T).FullName} cannot be read: {unreadable.GetType().Name}. What it says is left out, because it is about personal data.");
        }
    }

    /// <summary>Asks for the keys that writing takes, and makes those that are missing.</summary>
    public ValueTask PrepareToWriteAsync(HashSet<string> missing, CancellationToken cancellationToken) =>
        keys.PrepareToWriteAsync(missing, cancellationToken);

    /// <summary>Asks for the keys that reading takes and which are not at hand, in one query.</summary>
    public ValueTask PrepareAsync(IEnumerable<ReadOnlyMemory<byte>> stored, CancellationToken cancellationToken)
    {
        HashSet<string>? missing = null;
        foreach (var json in stored)
        {
            reading.AddMissing(json.Span, ref missing);
        }

        return missing is null ? ValueTask.CompletedTask : keys.PrepareAsync(missing, cancellationToken);
    }

    /// <summary>Whether stored JSON can be read without asking for keys.</summary>
    public bool IsPrepared(ReadOnlySpan<byte> json)
    {
        HashSet<string>? missing = null;
        reading.AddMissing(json, ref missing);
        return missing is null;
    }

    /// <summary>Tells when somebody was forgotten in this process.</summary>
    public void OnForgotten(Action forgotten) => keys.SubjectForgotten += forgotten;
}
