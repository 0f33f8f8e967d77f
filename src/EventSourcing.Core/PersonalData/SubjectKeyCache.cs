using System.Collections.Concurrent;

namespace EventSourcing;

/// <summary>Keys that were asked for lately: a bounded number, each for a bounded time.</summary>
internal sealed class SubjectKeyCache(int maxKeys, TimeSpan lifetime, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private long forgets;

    /// <summary>How often a subject was forgotten here; asked for before keys are loaded, see <see cref="Put"/>.</summary>
    public long Forgets => Volatile.Read(ref forgets);

    public SubjectKey? Find(string subject) =>
        entries.TryGetValue(subject, out var entry) && time.GetElapsedTime(entry.At) < lifetime ? entry.Key : null;

    /// <summary>Keeps a key that was loaded, unless somebody was forgotten since: it may be theirs.</summary>
    public void Put(SubjectKey key, long asOf)
    {
        lock (gate)
        {
            if (asOf == forgets)
            {
                entries[key.Subject] = new Entry(key, time.GetTimestamp());
                Trim();
            }
        }
    }

    /// <summary>From now on the subject has no key here.</summary>
    public void Forget(string subject)
    {
        lock (gate)
        {
            forgets++;
            entries[subject] = new Entry(SubjectKey.Forgotten(subject), time.GetTimestamp());
        }
    }

    // A quarter at once, so that not every key that comes looks for one that goes.
    private void Trim()
    {
        if (entries.Count > maxKeys)
        {
            foreach (var (subject, _) in entries.OrderBy(entry => entry.Value.At).Take(entries.Count - maxKeys + (maxKeys / 4)).ToArray())
            {
                entries.TryRemove(subject, out _);
            }
        }
    }

    private sealed record Entry(SubjectKey Key, long At);
}
