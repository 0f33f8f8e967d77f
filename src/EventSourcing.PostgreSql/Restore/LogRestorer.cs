using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>Stores a log as it was elsewhere: in batches, in the order of their positions, which is also that of their commits.</summary>
/// <remarks>
/// From its begin to its end the sequence of positions stands at its end: whoever appends meanwhile finds none left. How far it has come
/// moves in the transaction of each batch. So a crash at any place leaves a log that it can be gone on with, and nothing else.
/// </remarks>
internal sealed class LogRestorer(ServerSession session, Sql sql, int maxEventBytes, Action appended)
{
    private readonly RestoreWriter writer = new(session, sql.Schema);
    private readonly ImportPipeline pipeline = new(session, sql.Schema);
    private readonly string begin = $"select outcome, run, last, source from {sql.Schema.Quoted}.begin_restore($1, $2)";
    private readonly string end = $"select {sql.Schema.Quoted}.end_restore($1, $2, $3, $4, $5, $6)";

    public async Task<RestoreProgress> RestoreAsync(ILogSource source, IProgress<RestoreProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(source.Name);
        var sourceEnd = await source.GetEndAsync(cancellationToken).ConfigureAwait(false);
        if (sourceEnd.Value == long.MaxValue)
        {
            throw new ArgumentException($"The source '{source.Name}' ends at position {sourceEnd}, behind which nothing can be appended.", nameof(source));
        }

        var special = new Dictionary<StreamName, StreamInfo>();
        await foreach (var stream in source.ReadStreamsAsync(cancellationToken).ConfigureAwait(false))
        {
            special[stream.Stream] = stream;
        }

        var (run, after) = await BeginAsync(source.Name, sourceEnd, cancellationToken).ConfigureAwait(false);
        var reached = new RestoreProgress(0, after, sourceEnd);
        await pipeline
            .RunAsync(
                BatchesAsync(source, after, sourceEnd, new RestoreStreams(special), cancellationToken),
                (batch, turn) => writer.WriteAsync(batch, run, turn, cancellationToken),
                (batch, _) =>
                {
                    reached = reached with { Stored = reached.Stored + batch.Events.Count, Position = batch.Last };
                    appended();
                    progress?.Report(reached);
                },
                cancellationToken)
            .ConfigureAwait(false);
        await EndAsync(run, sourceEnd, special.Values, cancellationToken).ConfigureAwait(false);
        return reached;
    }

    private async Task<(int Run, LogPosition After)> BeginAsync(string name, LogPosition sourceEnd, CancellationToken cancellationToken)
    {
        var (outcome, run, last, other) = await session
            .ReadAsync(
                begin,
                bound =>
                {
                    bound.Add(new NpgsqlParameter<string> { TypedValue = name });
                    bound.Add(new NpgsqlParameter<long> { TypedValue = sourceEnd.Value });
                },
                async row =>
                {
                    await row.ReadAsync(cancellationToken).ConfigureAwait(false);
                    return (row.GetInt16(0), row.GetInt32(1), row.GetInt64(2), row.IsDBNull(3) ? null : row.GetString(3));
                },
                cancellationToken)
            .ConfigureAwait(false);
        return outcome switch
        {
            1 => throw new InvalidOperationException($"Schema '{sql.Schema.Name}' holds events already; a log is restored into an empty one."),
            2 => throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"Schema '{sql.Schema.Name}' holds '{other}' up to position {last}, whose restore has not ended. Go on with that source, or take another schema.")),
            3 => throw new InvalidOperationException($"The restore of '{other}' into schema '{sql.Schema.Name}' has ended already."),
            _ when last > sourceEnd.Value => throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"'{name}' is restored up to position {last}, and ends at position {sourceEnd} now: it is not the same source.")),
            _ => (run, new LogPosition(last)),
        };
    }

    private async Task EndAsync(int run, LogPosition sourceEnd, IReadOnlyCollection<StreamInfo> special, CancellationToken cancellationToken)
    {
        var isOurs = await session
            .ReadAsync(
                end,
                bound =>
                {
                    bound.Add(new NpgsqlParameter<int> { TypedValue = run });
                    bound.Add(new NpgsqlParameter<long> { TypedValue = sourceEnd.Value });
                    bound.Add(ImportStatements.Values(special.Select(stream => stream.Stream.Value), NpgsqlDbType.Text));
                    bound.Add(ImportStatements.Values(special.Select(stream => stream.FirstVersion.Value), NpgsqlDbType.Bigint));
                    bound.Add(ImportStatements.Values(special.Select(stream => (short)stream.State), NpgsqlDbType.Smallint));
                    bound.Add(ImportStatements.Values(special.Select(stream => (short?)stream.StandIn), NpgsqlDbType.Smallint));
                },
                async row => await row.ReadAsync(cancellationToken).ConfigureAwait(false) && row.GetBoolean(0),
                cancellationToken)
            .ConfigureAwait(false);
        if (!isOurs)
        {
            throw new InvalidOperationException("Somebody else goes on with this restore; this run has ended.");
        }
    }

    private async IAsyncEnumerable<RestoreBatch> BatchesAsync(
        ILogSource source, LogPosition after, LogPosition sourceEnd, RestoreStreams streams, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new RestoreBatch(after);
        await foreach (var recorded in source.ReadAsync(after, cancellationToken).ConfigureAwait(false))
        {
            if (recorded is null)
            {
                throw new ArgumentException($"The source '{source.Name}' gives null for an event, behind position {batch.Last}.", nameof(source));
            }

            recorded.ThrowIfUnfit(maxEventBytes);
            if (recorded.Position <= batch.Last || recorded.Position > sourceEnd)
            {
                throw new ArgumentException(
                    $"The source '{source.Name}' gives position {recorded.Position} behind position {batch.Last}; positions rise, and it said that it ends at {sourceEnd}.",
                    nameof(source));
            }

            if (!batch.HasRoomFor(recorded))
            {
                yield return batch;
                batch = new RestoreBatch(batch.Last);
            }

            batch.Add(recorded, streams);
        }

        if (batch.Events.Count > 0)
        {
            yield return batch;
        }
    }
}
