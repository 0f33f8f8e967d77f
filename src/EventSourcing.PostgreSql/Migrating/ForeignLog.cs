using System.Runtime.CompilerServices;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Another system's table as a source: what <see cref="MartenSource"/> and <see cref="MessageDbSource"/> have in common.</summary>
internal sealed class ForeignLog
{
    private readonly NpgsqlDataSource dataSource;
    private readonly IForeignTable table;
    private readonly ForeignPages pages;

    private ForeignLog(NpgsqlDataSource dataSource, IForeignTable table, Guid? first, long end)
    {
        this.dataSource = dataSource;
        this.table = table;
        End = new LogPosition(Math.Max(end, 0));

        // The first event's id goes wherever the tables go: to a copy, a replica, another schema.
        Name = $"{table.Kind} {first?.ToString() ?? "empty"}";
        pages = new ForeignPages(dataSource, table, end);
    }

    public string Name { get; }

    public LogPosition End { get; }

    /// <summary>Looks at a table, and takes where it ends.</summary>
    public static async Task<ForeignLog> OpenAsync(
        NpgsqlDataSource dataSource, Func<NpgsqlConnection, Task<IForeignTable>> find, TimeSpan patience, CancellationToken cancellationToken)
    {
        var connection = await Connecting.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var table = await find(connection).ConfigureAwait(false);
            var end = await ForeignEnd.FindAsync(connection, table, patience, cancellationToken).ConfigureAwait(false);
            var first = new NpgsqlCommand($"select id from {ForeignShape.Qualified(table)} order by {table.Position}, id limit 1", connection);
            await using (first.ConfigureAwait(false))
            {
                return new ForeignLog(dataSource, table, (Guid?)await first.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), end);
            }
        }
    }

    /// <summary>The events beyond a position, as they are to be stored.</summary>
    /// <exception cref="ArgumentException">One of them does not fit.</exception>
    public async IAsyncEnumerable<RecordedEvent> ReadAsync(LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ledger = new StreamLedger();
        if (after != LogPosition.Start)
        {
            await foreach (var (stream, _) in StreamsAsync(table.Streams, after, cancellationToken).ConfigureAwait(false))
            {
                ledger.Restore(stream.SourceStream, stream.Stream, stream.Version);
            }
        }

        var events = new ForeignEvents(ledger);
        await foreach (var row in pages.ReadAsync(Before(after), cancellationToken).ConfigureAwait(false))
        {
            if (row.Stream is not null)
            {
                var (recorded, misfit) = events.Next(row);
                yield return misfit is null ? recorded! : throw misfit.ToException();
            }
        }
    }

    /// <summary>The streams that do not begin at version 1, and why not.</summary>
    public async IAsyncEnumerable<StreamInfo> ReadStreamsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (table.Summarized is not null)
        {
            await foreach (var (stream, first) in StreamsAsync(table.Summarized, End, cancellationToken).ConfigureAwait(false))
            {
                if (ForeignEvents.TryName(stream.Stream, out var name, out _))
                {
                    yield return new StreamInfo(name, new StreamVersion(stream.Version), new StreamVersion(first), StreamState.Open) { StandIn = StreamStandIn.Summary };
                }
            }
        }
    }

    /// <summary>Reads all of it and stores nothing.</summary>
    public async Task<MigrationReport> CheckAsync(
        EventTypeRegistry? types, int maxEventBytes, IProgress<MigrationReport>? progress, CancellationToken cancellationToken)
    {
        var run = new DryRun(table, End, types, maxEventBytes);
        await foreach (var row in pages.ReadAsync(Before(LogPosition.Start), cancellationToken).ConfigureAwait(false))
        {
            run.Look(row);
            if (run.Rows % 10_000 == 0)
            {
                progress?.Report(run.Report());
            }
        }

        run.AtEnd(await RepeatedIdsAsync(cancellationToken).ConfigureAwait(false));
        var report = run.Report();
        progress?.Report(report);
        return report;
    }

    // Positions begin with 1 here, and should another's not: that is told, and not passed over.
    private static long Before(LogPosition after) => after == LogPosition.Start ? long.MinValue : after.Value;

    /// <summary>Streams that are not left out, and the version that a summary has.</summary>
    private async IAsyncEnumerable<((long Version, string SourceStream, string Stream) Stream, long First)> StreamsAsync(
        string sql, LogPosition upTo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var connection = await Connecting.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var command = Command(sql, upTo, connection);
            await using (command.ConfigureAwait(false))
            {
                using var rows = table.NewRows();
                var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (row.ConfigureAwait(false))
                {
                    while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        if (rows.ReadStream(row) is (var version, var sourceStream, { } name))
                        {
                            yield return ((version, sourceStream, name), row.FieldCount > 5 ? row.GetInt64(5) : 1);
                        }
                    }
                }
            }
        }
    }

    private async Task<long> RepeatedIdsAsync(CancellationToken cancellationToken)
    {
        var connection = await Connecting.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var command = Command(
                $"select count(*) from (select from {ForeignShape.Qualified(table)} where {table.Position} <= $1 group by id having count(*) > 1) repeated", End, connection);
            await using (command.ConfigureAwait(false))
            {
                return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            }
        }
    }

    // Whole tables are looked through, which takes as long as it takes.
    private static NpgsqlCommand Command(string sql, LogPosition upTo, NpgsqlConnection connection) => new(sql, connection)
    {
        Parameters = { new NpgsqlParameter<long> { TypedValue = upTo.Value } },
        CommandTimeout = 0,
    };
}
