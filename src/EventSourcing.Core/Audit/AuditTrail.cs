using System.Runtime.CompilerServices;

namespace EventSourcing;

/// <summary>
/// Who did what and why: the events of a stream, a conversation, a command or an actor, and the chains of causes between them, followed
/// both ways.
/// </summary>
/// <remarks>It tells what the metadata of the events say. A command that left no event has left no trace.</remarks>
public sealed class AuditTrail
{
    private readonly IEventStore store;
    private readonly IEventLookup lookup;

    /// <summary>Makes it; in an application with a container, ask for it instead.</summary>
    /// <param name="store">Where events come from.</param>
    /// <param name="lookup">Finds them by their metadata: as a rule the same store.</param>
    public AuditTrail(IEventStore store, IEventLookup lookup)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(lookup);
        this.store = store;
        this.lookup = lookup;
    }

    /// <summary>What happened to a stream.</summary>
    /// <param name="stream">The stream; one that does not exist has no events.</param>
    /// <param name="options">Which part, and which way; by default all, forwards.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public IAsyncEnumerable<AuditEntry> OfStreamAsync(
        StreamName stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        return EntriesAsync(store.ReadStreamAsync(stream, options, cancellationToken), cancellationToken);
    }

    /// <summary>Everything that one request set off, in the order of the log.</summary>
    /// <param name="correlationId">The conversation.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public IAsyncEnumerable<AuditEntry> OfCorrelationAsync(string correlationId, CancellationToken cancellationToken = default) =>
        FindAsync(AuditKey.CorrelationId, correlationId, cancellationToken);

    /// <summary>The events that a command left, in the order of the log.</summary>
    /// <param name="commandId">The command's id.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public IAsyncEnumerable<AuditEntry> OfCommandAsync(string commandId, CancellationToken cancellationToken = default) =>
        FindAsync(AuditKey.CommandId, commandId, cancellationToken);

    /// <summary>What somebody has done, in the order of the log.</summary>
    /// <param name="actor">Who or what acted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public IAsyncEnumerable<AuditEntry> OfActorAsync(string actor, CancellationToken cancellationToken = default) =>
        FindAsync(AuditKey.Actor, actor, cancellationToken);

    /// <summary>One event.</summary>
    /// <param name="eventId">Its id. Where several streams hold an event of this id, the first in the log is meant.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The event; null where the log holds none of this id.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public Task<AuditEntry?> FindAsync(Guid eventId, CancellationToken cancellationToken = default) =>
        FirstAsync(AuditKey.EventId, eventId.ToString(), cancellationToken);

    /// <summary>Why an event happened: the event, the command that it came from, the event or command that caused this, and so on, back
    /// to where it began.</summary>
    /// <param name="eventId">The event's id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The steps, each before its cause; the last is the command at the start, or something outside of the log. None where the log
    /// holds no such event.</returns>
    /// <exception cref="EventSerializationException">The metadata of an event cannot be read.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<IReadOnlyList<CausalStep>> CausesAsync(Guid eventId, CancellationToken cancellationToken = default)
    {
        var steps = new List<CausalStep>();

        // Metadata may say anything, also that two events caused each other.
        var seen = new HashSet<(CausalStepKind, string)>();
        var next = await FindAsync(eventId, cancellationToken).ConfigureAwait(false) is { } first ? CausalStep.Of(first) : null;
        while (next is not null && seen.Add((next.Kind, next.Id)))
        {
            steps.Add(next);
            next = await CauseAsync(next, steps, cancellationToken).ConfigureAwait(false);
        }

        return steps;
    }

    /// <summary>What followed from an event.</summary>
    /// <param name="eventId">The event's id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The event with all that followed; null where the log holds no such event.</returns>
    /// <exception cref="EventSerializationException">The metadata of an event cannot be read.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<CausalTree?> EffectsAsync(Guid eventId, CancellationToken cancellationToken = default) =>
        await FindAsync(eventId, cancellationToken).ConfigureAwait(false) is { } entry
            ? await new EffectSearch(lookup).GrowAsync(new CausalTree(CausalStep.Of(entry)), cancellationToken).ConfigureAwait(false)
            : null;

    /// <summary>What followed from a command.</summary>
    /// <param name="commandId">The command's id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The command with all that followed; null where the log knows of nothing.</returns>
    /// <exception cref="EventSerializationException">The metadata of an event cannot be read.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<CausalTree?> EffectsOfCommandAsync(string commandId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(commandId);
        var tree = await new EffectSearch(lookup).GrowAsync(new CausalTree(CausalStep.OfCommand(commandId)), cancellationToken).ConfigureAwait(false);
        return tree.Effects.Count > 0 ? tree : null;
    }

    /// <summary>What caused a step; null where that is its beginning.</summary>
    /// <param name="step">The step.</param>
    /// <param name="steps">The steps so far: of a command, the event that it left is the last one before it, where that is known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<CausalStep?> CauseAsync(CausalStep step, List<CausalStep> steps, CancellationToken cancellationToken)
    {
        if (step.Kind == CausalStepKind.Other)
        {
            return null;
        }

        var entry = step.Entry;
        if (step.Kind == CausalStepKind.Command)
        {
            entry = steps[^2].Entry is { } left && left.Metadata.CommandId == step.Id
                ? left
                : await FirstAsync(AuditKey.CommandId, step.Id, cancellationToken).ConfigureAwait(false);
        }
        else if (entry?.Metadata.CommandId is { } command)
        {
            return CausalStep.OfCommand(command);
        }

        var cause = entry?.Metadata.CausationId;
        if (cause is null || (step.Kind == CausalStepKind.Command && cause == step.Id))
        {
            return null;
        }

        return await FirstAsync(AuditKey.EventId, cause, cancellationToken).ConfigureAwait(false) is { } found ? CausalStep.Of(found)
            : await FirstAsync(AuditKey.CommandId, cause, cancellationToken).ConfigureAwait(false) is not null ? CausalStep.OfCommand(cause)
            : new CausalStep(CausalStepKind.Other, cause);
    }

    private async Task<AuditEntry?> FirstAsync(AuditKey key, string value, CancellationToken cancellationToken)
    {
        await foreach (var recorded in lookup.FindAsync(key, [value], cancellationToken).ConfigureAwait(false))
        {
            return new AuditEntry(recorded);
        }

        return null;
    }

    private IAsyncEnumerable<AuditEntry> FindAsync(AuditKey key, string value, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(value);
        return EntriesAsync(lookup.FindAsync(key, [value], cancellationToken), cancellationToken);
    }

    private static async IAsyncEnumerable<AuditEntry> EntriesAsync(
        IAsyncEnumerable<RecordedEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var recorded in events.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return new AuditEntry(recorded);
        }
    }
}
