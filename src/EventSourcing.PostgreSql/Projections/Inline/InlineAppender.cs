using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Appends and applies the inline projections in one transaction.</summary>
internal sealed class InlineAppender(PostgreSqlEventStore store, EventAppender appender, EventReader reader, Action appended)
{
    private readonly ConsumerSql sql = new(store.SchemaName);

    /// <summary>Appends in a transaction of its own; again after a failure where that is safe.</summary>
    public async Task<AppendResult> AppendAsync(AppendRequest request, IReadOnlyList<InlineProjection> projections, CancellationToken cancellationToken)
    {
        var isRepeatable = EventAppender.IsRepeatable(request);

        // Stays so when later attempts do not even reach the server.
        Exception? lost = null;
        for (var attempt = 1; ; attempt++)
        {
            var isCommitting = false;
            try
            {
                var connection = await Connecting.OpenAsync(store.DataSource, cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                    await using (transaction.ConfigureAwait(false))
                    {
                        var result = await AppendAsync(request, projections, transaction, cancellationToken).ConfigureAwait(false);
                        isCommitting = true;

                        // Not to be given up half-way: what is committed is committed.
                        await ReplicatedCommit.CommitAsync(transaction, CancellationToken.None).ConfigureAwait(false);
                        appended();
                        return result;
                    }
                }
            }
            catch (Exception failure) when (failure is not ConcurrencyConflictException)
            {
                var cause = failure is EventHandlingException { InnerException: { } inner } ? inner : failure is EventStoreUnavailableException { InnerException: { } driver } ? driver : failure;

                // Of any attempt: that a later one could do nothing does not tell what became of an earlier one.
                lost = isCommitting && PostgreSqlErrors.IsInDoubt(cause) ? failure : lost;
                if (lost is not null && !isRepeatable)
                {
                    throw EventAppender.OutcomeUnknown(lost, isRepeatable);
                }

                if (attempt < store.Session.MaxAttempts && PostgreSqlErrors.IsTransient(cause))
                {
                    await store.Session.PauseAsync(cause, attempt, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                if (lost is not null && failure is not OperationCanceledException)
                {
                    throw EventAppender.OutcomeUnknown(lost, isRepeatable);
                }

                throw PostgreSqlErrors.Translate(failure, store.SchemaName) ?? failure;
            }
        }
    }

    /// <summary>Appends in the caller's transaction.</summary>
    public async Task<AppendResult> AppendAsync(
        AppendRequest request, IReadOnlyList<InlineProjection> projections, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection ?? throw new ArgumentException("The transaction has ended.", nameof(transaction));
        var page = new ProjectionTransaction(connection, transaction, cancellationToken);
        await DemoteOthersAsync(page, projections).ConfigureAwait(false);
        var before = await LockAsync(page, projections).ConfigureAwait(false);
        var result = await appender.AppendAsync(request, transaction, cancellationToken).ConfigureAwait(false);
        if (result.AlreadyStored || request.EventCount == 0)
        {
            return result;
        }

        // One that nobody had begun to run before the append may have been begun in the meantime.
        var unknown = projections.Where(projection => !before.ContainsKey(projection.Name)).ToArray();
        var active = unknown.Length == 0 ? before : before.Concat(await LockAsync(page, unknown).ConfigureAwait(false)).ToDictionary();
        var events = await ReadBackAsync(request, result, page).ConfigureAwait(false);
        foreach (var projection in projections.Where(projection => active.TryGetValue(projection.Name, out var row) && row.IsInline))
        {
            if (active[projection.Name].Version != projection.Version)
            {
                throw new EventStoreUnavailableException(
                    $"Another version of inline projection '{projection.Name}' has just begun to serve; append again.");
            }

            await projection.ApplyAsync(page, events).ConfigureAwait(false);
        }

        return result;
    }

    /// <summary>What runs inline in a version that this process does not know must not miss this append: it goes on by itself.</summary>
    private async Task DemoteOthersAsync(ProjectionTransaction page, IReadOnlyList<InlineProjection> projections)
    {
        // One question for all of them: every append asks it. On the append's own connection: where each needs a second one, as many at
        // once as there are connections wait for one another.
        var others = await store.Session.RunAsync(
            page.Connection,
            page.Transaction,
            $"""
            select mine.name
            from unnest($1::text[], $2::integer[]) mine (name, version)
            where exists (
              select from {store.SchemaName.Quoted}.consumers c
              where c.name = mine.name and c.is_serving and c.is_inline and c.version <> mine.version)
            """,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. projections.Select(projection => projection.Name)] });
                parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. projections.Select(projection => projection.Version)] });
            },
            async rows =>
            {
                var names = new List<string>();
                while (await rows.ReadAsync(page.CancellationToken).ConfigureAwait(false))
                {
                    names.Add(rows.GetString(0));
                }

                return names;
            },
            page.CancellationToken).ConfigureAwait(false);
        if (others.Count > 0)
        {
            // By itself: it counts whatever becomes of the append.
            await store.Session.ReadAsync(
                $"select {store.SchemaName.Quoted}.demote_consumer(name) from unnest($1::text[]) name",
                parameters => parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. others] }),
                _ => Task.FromResult(true),
                page.CancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Dictionary<string, (int Version, bool IsInline)>> LockAsync(ProjectionTransaction page, IEnumerable<InlineProjection> projections)
    {
        var rows = await page
            .QueryAsync<(string Name, int Generation, int Version, bool IsInline)>(
                sql.LockInline, new { Names = projections.Select(projection => projection.Name).ToArray() })
            .ConfigureAwait(false);
        return rows.ToDictionary(row => row.Name, row => (row.Version, row.IsInline), StringComparer.Ordinal);
    }

    /// <summary>The events as they were stored, with their positions and times.</summary>
    private async Task<IReadOnlyList<RecordedEvent>> ReadBackAsync(AppendRequest request, AppendResult result, ProjectionTransaction page)
    {
        var events = new List<RecordedEvent>(request.EventCount);
        for (var i = 0; i < request.Streams.Count; i++)
        {
            var part = request.Streams[i];
            if (part.Events.Count > 0)
            {
                var first = new StreamVersion(result.Streams[i].Version.Value - part.Events.Count + 1);
                events.AddRange(await reader.ReadBackAsync(page, part.Stream, first, part.Events.Count).ConfigureAwait(false));
            }
        }

        return [.. events.OrderBy(recorded => recorded.Position)];
    }
}
