using System.Runtime.CompilerServices;

namespace EventSourcing.InMemory;

/// <summary>Finds events in memory by their metadata: looks at each of them.</summary>
public sealed class InMemoryEventLookup : IEventLookup
{
    private readonly InMemoryEventStore store;

    /// <summary>Makes it.</summary>
    /// <param name="store">The store.</param>
    public InMemoryEventLookup(InMemoryEventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedEvent> FindAsync(
        AuditKey key, IReadOnlyCollection<string> values, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Enum.IsDefined(key)
            ? LookAsync(key, values.ToHashSet(StringComparer.Ordinal), cancellationToken)
            : throw new ArgumentOutOfRangeException(nameof(key), key, "There is no such key.");
    }

    private async IAsyncEnumerable<RecordedEvent> LookAsync(
        AuditKey key, HashSet<string> values, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        var all = store.WhileNobodyAppends(log => log.All);
        for (var i = 0; i < all.Length && values.Count > 0; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var recorded = all.Span[i];
            if (new AuditEntry(recorded).IsFoundBy(key, values))
            {
                yield return recorded;
            }
        }
    }
}
