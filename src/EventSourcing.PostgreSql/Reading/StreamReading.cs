using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>One reading of one stream, over lost connections too: what comes next is known by its version.</summary>
/// <remarks>An enumerator by hand: for a row that is in the driver's buffer already, which most are, nothing is allocated
/// besides the event, and no state machine runs.</remarks>
/// <param name="session">Opens connections.</param>
/// <param name="sql">The statements.</param>
/// <param name="names">Names that were read before.</param>
/// <param name="stream">The stream.</param>
/// <param name="options">Direction, start and limit.</param>
/// <param name="linked">Where the token has come from, to be disposed with the reading.</param>
/// <param name="cancellationToken">Ends the reading.</param>
internal sealed class StreamReading(
    ServerSession session, Sql sql, Names names, StreamName stream, StreamReadOptions options, CancellationTokenSource? linked, CancellationToken cancellationToken)
    : IAsyncEnumerator<RecordedEvent>
{
    private readonly EventRows events = new(names);
    private readonly bool isForwards = options.Direction == ReadDirection.Forwards;
    private long next = options.From?.Value ?? (options.Direction == ReadDirection.Forwards ? 0 : long.MaxValue);
    private long left = options.MaxCount ?? int.MaxValue;
    private int failures;
    private bool isAtEnd;
    private OpenRows? rows;

    public RecordedEvent Current { get; private set; } = null!;

    public ValueTask<bool> MoveNextAsync()
    {
        // The driver does not look at the token while it has rows in its buffer.
        cancellationToken.ThrowIfCancellationRequested();
        if (rows is null)
        {
            return MoveNextSlowlyAsync(null);
        }

        var isRead = rows.Reader.ReadAsync(cancellationToken);
        return isRead.IsCompletedSuccessfully && isRead.Result ? new ValueTask<bool>(Take(rows.Reader)) : MoveNextSlowlyAsync(isRead);
    }

    public async ValueTask DisposeAsync()
    {
        linked?.Dispose();
        events.Dispose();
        await CloseAsync(isGood: isAtEnd).ConfigureAwait(false);
    }

    /// <summary>Lets go of the connection.</summary>
    /// <param name="isGood">Whether it can serve others.</param>
    private async Task CloseAsync(bool isGood)
    {
        if (rows is { } open)
        {
            rows = null;
            await open.CloseAsync(isGood).ConfigureAwait(false);
        }
    }

    /// <summary>The way with an await: for the first row, after a failure, and where the driver has to wait for the server.</summary>
    /// <param name="isRead">The look at the next row that is under way; null where there are no rows yet.</param>
    private async ValueTask<bool> MoveNextSlowlyAsync(Task<bool>? isRead)
    {
        while (true)
        {
            try
            {
                if (left == 0)
                {
                    return false;
                }

                rows ??= await OpenAsync().ConfigureAwait(false);
                isAtEnd = !await (isRead ?? rows.Reader.ReadAsync(cancellationToken)).ConfigureAwait(false);
                return !isAtEnd && Take(rows.Reader);
            }
            catch (Exception failure) when (++failures < session.MaxAttempts && PostgreSqlErrors.IsTransient(failure))
            {
                isRead = null;
                await CloseAsync(isGood: false).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await session.PauseAsync(failure, failures, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (PostgreSqlErrors.Translate(failure, sql.Schema) is { } translated)
            {
                throw translated;
            }
        }
    }

    private bool Take(NpgsqlDataReader row)
    {
        Current = events.Read(row, stream);
        failures = 0;
        left--;
        next = Current.Version.Value + (isForwards ? 1 : -1);
        return true;
    }

    private Task<OpenRows> OpenAsync() => OpenRows.OpenAsync(
        session,
        isForwards ? sql.ReadStreamForwards : sql.ReadStreamBackwards,
        parameters =>
        {
            parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(stream) });
            parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Value });
            parameters.Add(new NpgsqlParameter<long> { TypedValue = next });
            parameters.Add(new NpgsqlParameter<long> { TypedValue = left });
        },
        cancellationToken);
}
