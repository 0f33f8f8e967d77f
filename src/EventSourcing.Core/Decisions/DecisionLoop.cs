namespace EventSourcing;

/// <summary>Reads what a decision has to know, decides, and appends under the condition that nothing of it has changed; see
/// <see cref="IRepository.DecideAsync"/>.</summary>
internal sealed class DecisionLoop(IEventStore store, EventSerializer serializer, EarlierRuns runs, ConflictRetryOptions retry, TimeProvider time)
{
    public async Task<CommandResult> RunAsync(
        DecisionModel model, Func<DecisionState, IEnumerable<object>> decide, CommandContext context, CancellationToken cancellationToken)
    {
        // A stream of its own, that does not exist: so the append is retried safely, and waits for no other but by its condition.
        var stream = context.NextDecision(serializer);
        var ids = context.NextIds(stream);
        using var operation = Operation.Execute(stream);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                if (ids is not null && await runs.FindAsync(stream, ids, cancellationToken).ConfigureAwait(false) is { } earlier)
                {
                    return earlier;
                }

                var read = await store.QueryAsync(model.Query, cancellationToken).ConfigureAwait(false);
                await serializer.PrepareAsync(read.Events, cancellationToken).ConfigureAwait(false);
                var events = Events(decide(model.StateAfter(read.Events)));
                if (events.Length == 0)
                {
                    return new CommandResult(read.Events.Count > 0 ? read.Events[^1].Position : LogPosition.Start, [], []);
                }

                try
                {
                    var written = await serializer.SerializeAllAsync(events, context.ToMetadata(), ids, cancellationToken).ConfigureAwait(false);
                    var request = new AppendRequest(new StreamAppend(stream, ExpectedVersion.NoStream, written)) { Condition = new AppendCondition(model.Query, read.Point) };
                    var appended = await store.AppendAsync(request, cancellationToken).ConfigureAwait(false);
                    if (appended.AlreadyStored && ids is not null)
                    {
                        // By another run of the command, which may have decided on another state: the ids are the same in any case.
                        continue;
                    }

                    return new CommandResult(appended.Position, appended.Streams, events);
                }
                catch (ConcurrencyConflictException) when (attempt < retry.MaxAttempts)
                {
                    Operation.Retries(operation, stream, attempt);
                    await Task.Delay(retry.DelayAfter(attempt), time, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure) when (operation?.Failed(failure) is true)
        {
            throw;
        }
    }

    /// <summary>What a decision came to, checked.</summary>
    public static object[] Events(IEnumerable<object> decided) =>
        [.. decided ?? throw new InvalidOperationException("A decision is null; where nothing follows from the state it is empty.")];
}
