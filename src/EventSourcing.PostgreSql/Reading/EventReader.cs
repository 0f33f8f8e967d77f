using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>Reads streams and pages of the log.</summary>
internal sealed class EventReader(ServerSession session, Sql sql)
{
    /// <summary>At most so much at once for the tail, which goes on until it has all.</summary>
    private const long RangeEvents = 1_000;
    private const long RangeBytes = 8 * 1024 * 1024;

    private readonly Names names = new();

    /// <summary>Reads a stream; each enumeration reads anew.</summary>
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamName stream, StreamReadOptions options, CancellationToken cancellationToken) =>
        new StreamReads(session, sql, names, stream, options, cancellationToken);

    /// <summary>Hands the events of a stream on without keeping anything of them; goes on over lost connections.</summary>
    public async Task ReplayAsync(StreamName stream, StreamVersion after, ReplayHandler handler, CancellationToken cancellationToken)
    {
        var last = after.Value;
        using var events = new EventRows(names);
        var thrown = await session
            .ReadAsync(
                sql.Replay,
                parameters =>
                {
                    parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(stream) });
                    parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Value });
                    parameters.Add(new NpgsqlParameter<long> { TypedValue = last });
                },
                async rows =>
                {
                    while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        var replayed = events.Replay(rows, stream);
                        try
                        {
                            handler(replayed);
                        }
                        catch (Exception failure)
                        {
                            // Not a failure of the reading, which would be tried again.
                            return ExceptionDispatchInfo.Capture(failure);
                        }

                        last = replayed.Version.Value;
                    }

                    return null;
                },
                cancellationToken)
            .ConfigureAwait(false);
        thrown?.Throw();
    }

    /// <summary>Finds an event of a stream by its id, in the stream's own events.</summary>
    public Task<StreamVersion?> FindVersionAsync(StreamName stream, Guid eventId, CancellationToken cancellationToken) => session.ReadAsync(
        sql.FindVersion,
        parameters =>
        {
            parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(stream) });
            parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Value });
            parameters.Add(new NpgsqlParameter<Guid> { TypedValue = eventId });
        },
        async rows => await rows.ReadAsync(cancellationToken).ConfigureAwait(false) ? new StreamVersion(rows.GetInt64(0)) : (StreamVersion?)null,
        cancellationToken);

    /// <summary>What is known of a stream besides its events.</summary>
    public Task<StreamInfo?> FindStreamAsync(StreamName stream, CancellationToken cancellationToken) => session.ReadAsync(
        sql.FindStream,
        parameters =>
        {
            parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(stream) });
            parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Value });
        },
        async rows => await rows.ReadAsync(cancellationToken).ConfigureAwait(false) ? StreamInfoRow.Read(rows, stream, first: 0) : null,
        cancellationToken);

    /// <summary>The streams that are archived, truncated or deleted.</summary>
    public async IAsyncEnumerable<StreamInfo> ReadStreamsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await session
            .ReadAsync(
                sql.ReadStreams,
                _ => { },
                async row =>
                {
                    var streams = new List<StreamInfo>();
                    while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        streams.Add(StreamInfoRow.Read(row, row.GetString(0), first: 1));
                    }

                    return streams;
                },
                cancellationToken)
            .ConfigureAwait(false);
        foreach (var stream in found)
        {
            yield return stream;
        }
    }

    /// <summary>Reads the events that match a query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="final">Up to where the log is final.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<QueryResult> QueryAsync(EventQuery query, long final, CancellationToken cancellationToken) => session.ReadAsync(
        sql.Query,
        parameters =>
        {
            var items = ConditionItems.Columns(query).ToArray();
            parameters.Add(new NpgsqlParameter<long> { TypedValue = final });
            EventColumns.Add(parameters, Array.ConvertAll(items, item => item.Tags), NpgsqlDbType.Text);
            EventColumns.Add(parameters, Array.ConvertAll(items, item => item.Types), NpgsqlDbType.Text);
            EventColumns.Add(parameters, query.IsAll ? [false] : query.Items.Select(item => item.IsLatestOnly).ToArray(), NpgsqlDbType.Boolean);
        },
        async row =>
        {
            using var rows = new EventRows(names);
            var found = new List<RecordedEvent>();
            var beyond = new List<LogPosition>();
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (row.GetInt64(9) is var place && place > final)
                {
                    beyond.Add(new LogPosition(place));
                }

                if (!row.IsDBNull(0))
                {
                    found.Add(rows.Read(row));
                }
            }

            return new QueryResult(found, new DecisionPoint(new LogPosition(final), beyond));
        },
        cancellationToken);

    /// <summary>Reads one page of what is final.</summary>
    /// <param name="options">What to read.</param>
    /// <param name="final">Up to where the log is final.</param>
    /// <param name="isFresh">Whether that was asked for this very page, so that the page may say that it is the end.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<LogPage> ReadLogAsync(LogReadOptions options, long final, bool isFresh, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var query = new LogQuery(options, final, pages: 1);
        if (query.IsEmpty)
        {
            return query.Page([], isWhole: true, isFresh);
        }

        var (events, _) = await GivingUp
            .RunAsync(
                query,
                (asked, token) => session.ReadAsync(asked.Statement(sql), asked.Bind, row => AllAsync(row, long.MaxValue, token), token),
                cancellationToken)
            .ConfigureAwait(false);
        return query.Page(events, isWhole: events.Count < options.PageSize, isFresh);
    }

    /// <summary>Begins to read several pages at once, of what is known to be final.</summary>
    /// <returns>The pages to come; null where there are none.</returns>
    public async Task<LogRun?> BeginRunAsync(LogReadOptions options, long final, int pages, TimeProvider time, CancellationToken cancellationToken)
    {
        var query = new LogQuery(options, final, pages);
        return query.IsEmpty
            ? null
            : new LogRun(query, await OpenRows.OpenAsync(session, query.Statement(sql), query.Bind, cancellationToken).ConfigureAwait(false), names, time);
    }

    /// <summary>Reads all events of a range, or its first part where it is large.</summary>
    /// <returns>The events, and up to where they are all of the range.</returns>
    public async Task<(IReadOnlyList<RecordedEvent> Events, long UpTo)> ReadRangeAsync(
        long after, long final, CancellationToken cancellationToken)
    {
        var events = await session
            .ReadAsync(
                sql.ReadLog,
                parameters =>
                {
                    parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
                    parameters.Add(new NpgsqlParameter<long> { TypedValue = final });
                    parameters.Add(new NpgsqlParameter<long> { TypedValue = RangeEvents });
                },
                row => AllAsync(row, RangeBytes, cancellationToken),
                cancellationToken)
            .ConfigureAwait(false);
        return (events.Found, events.IsCut || events.Found.Count == RangeEvents ? events.Found[^1].Position.Value : final);
    }

    /// <summary>Reads events of a stream inside a transaction that has just written them.</summary>
    public Task<List<RecordedEvent>> ReadBackAsync(ProjectionTransaction transaction, StreamName stream, StreamVersion first, int count) => session.RunAsync(
        transaction.Connection,
        transaction.Transaction,
        sql.ReadStreamForwards,
        parameters =>
        {
            parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(stream) });
            parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Value });
            parameters.Add(new NpgsqlParameter<long> { TypedValue = first.Value });
            parameters.Add(new NpgsqlParameter<long> { TypedValue = count });
        },
        async row =>
        {
            using var events = new EventRows(names);
            var found = new List<RecordedEvent>(count);
            while (await row.ReadAsync(transaction.CancellationToken).ConfigureAwait(false))
            {
                found.Add(events.Read(row, stream));
            }

            return found;
        },
        transaction.CancellationToken);

    /// <summary>Who is between taking positions and having committed.</summary>
    public Task<IReadOnlyList<OpenAppend>> ReadOpenAppendsAsync(CancellationToken cancellationToken) => session.ReadAsync<IReadOnlyList<OpenAppend>>(
        sql.OpenAppends,
        _ => { },
        async row =>
        {
            var open = new List<OpenAppend>();
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var name = row.IsDBNull(1) || row.GetString(1).Length == 0 ? string.Empty : $" ({row.GetString(1)})";
                open.Add(new OpenAppend(row.GetString(0) + name, row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2)));
            }

            return open;
        },
        cancellationToken);

    private async Task<(List<RecordedEvent> Found, bool IsCut)> AllAsync(
        NpgsqlDataReader row, long maxBytes, CancellationToken cancellationToken)
    {
        using var events = new EventRows(names);
        var found = new List<RecordedEvent>();
        var bytes = 0L;
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            // The driver does not look at the token while it has rows in its buffer.
            cancellationToken.ThrowIfCancellationRequested();
            if (bytes > maxBytes)
            {
                return (found, IsCut: true);
            }

            var recorded = events.Read(row);
            found.Add(recorded);
            bytes += recorded.Data.Length + recorded.Metadata.Length;
        }

        return (found, IsCut: false);
    }
}
