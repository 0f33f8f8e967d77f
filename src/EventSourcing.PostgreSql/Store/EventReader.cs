using System.Runtime.CompilerServices;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Reads streams and pages of the log.</summary>
internal sealed class EventReader(ServerSession session, Sql sql)
{
    /// <summary>
    /// A filtered page looks at so many times its size at most: it moves on where nothing matches for long, and where a
    /// young table's plan reads the whole range for each page, that is not much.
    /// </summary>
    private const long FilteredRangeInPages = 4;
    private const long ShortestFilteredRange = 2_000;

    /// <summary>Reads a stream, over lost connections too: what comes next is known by its version.</summary>
    public async IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamReadOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isForwards = options.Direction == ReadDirection.Forwards;
        var next = options.From?.Value ?? (isForwards ? 0 : long.MaxValue);
        long left = options.MaxCount ?? int.MaxValue;
        var failures = 0;
        while (left > 0)
        {
            var rows = RowsAsync(stream, isForwards, next, left, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (rows.ConfigureAwait(false))
            {
                while (true)
                {
                    try
                    {
                        if (!await rows.MoveNextAsync().ConfigureAwait(false))
                        {
                            yield break;
                        }
                    }
                    catch (Exception failure) when (++failures < session.MaxAttempts && PostgreSqlErrors.IsTransient(failure))
                    {
                        await session.PauseAsync(failure, failures, cancellationToken).ConfigureAwait(false);
                        break;
                    }
                    catch (Exception failure) when (PostgreSqlErrors.Translate(failure, sql.Schema) is { } translated)
                    {
                        throw translated;
                    }

                    failures = 0;
                    left--;
                    next = rows.Current.Version.Value + (isForwards ? 1 : -1);
                    yield return rows.Current;
                }
            }
        }
    }

    /// <summary>Reads one page of what is final.</summary>
    /// <param name="options">What to read.</param>
    /// <param name="final">Up to where the log is final.</param>
    /// <param name="isFresh">Whether that was asked for this very page, so that the page may say that it is the end.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<LogPage> ReadLogAsync(LogReadOptions options, long final, bool isFresh, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var after = options.After.Value;
        var bound = Math.Min(final, options.UpTo?.Value ?? long.MaxValue);
        if (bound <= after)
        {
            return new LogPage([], options.After, IsEnd: isFresh || bound < final);
        }

        var isFiltered = options.Filter.Categories.Count > 0 || options.Filter.EventTypes.Count > 0;
        var range = Math.Max(ShortestFilteredRange, options.PageSize * FilteredRangeInPages);
        var end = isFiltered ? Math.Min(bound, after + range) : bound;
        var events = await session
            .ReadAsync(
                isFiltered ? sql.ReadLogFiltered : sql.ReadLog,
                parameters =>
                {
                    parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
                    parameters.Add(new NpgsqlParameter<long> { TypedValue = end });
                    parameters.Add(new NpgsqlParameter<long> { TypedValue = options.PageSize });
                    if (isFiltered)
                    {
                        AddNames(parameters, options.Filter.Categories);
                        AddNames(parameters, options.Filter.EventTypes);
                    }
                },
                async row =>
                {
                    var found = new List<RecordedEvent>();
                    while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        found.Add(EventRows.Read(row, new StreamName(row.GetString(7))));
                    }

                    return found;
                },
                cancellationToken)
            .ConfigureAwait(false);
        var readTo = events.Count == options.PageSize ? events[^1].Position : new LogPosition(end);
        return new LogPage(events, readTo, IsEnd: readTo.Value == bound && (isFresh || bound < final));
    }

    private async IAsyncEnumerable<RecordedEvent> RowsAsync(
        StreamName stream, bool isForwards, long from, long count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var connection = await session.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var command = await session
                .CommandAsync(
                    isForwards ? sql.ReadStreamForwards : sql.ReadStreamBackwards,
                    parameters =>
                    {
                        parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(stream) });
                        parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Value });
                        parameters.Add(new NpgsqlParameter<long> { TypedValue = from });
                        parameters.Add(new NpgsqlParameter<long> { TypedValue = count });
                    },
                    connection,
                    cancellationToken)
                .ConfigureAwait(false);
            await using (command.ConfigureAwait(false))
            {
                var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (row.ConfigureAwait(false))
                {
                    while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        // The driver does not look at the token while it has rows in its buffer.
                        cancellationToken.ThrowIfCancellationRequested();
                        yield return EventRows.Read(row, stream);
                    }
                }
            }
        }
    }

    private static void AddNames(NpgsqlParameterCollection parameters, IReadOnlyCollection<string> names) =>
        parameters.Add(new NpgsqlParameter
        {
            Value = names.Count == 0 ? DBNull.Value : names.ToArray(),
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text,
        });
}
