using System.Diagnostics;
using System.Text.Json;
using EventSourcing.PostgreSql;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.Benchmarks;

/// <summary>What is restored, and from where.</summary>
internal sealed record RestoreSettings(int Events, int Streams, bool IsTagged, FileInfo? File);

/// <summary>
/// Stores a whole log anew, out of memory and out of an exported file, each time into a schema of its own; and writes that file. Floor: one binary COPY
/// of the same rows into a table of the same columns and indexes, in one transaction; it writes no streams and checks nothing.
/// </summary>
internal sealed class RestoreBenchmark(BenchmarkDatabase database, RestoreSettings settings)
{
    private const int Rounds = 3;

    private readonly List<double> fromMemory = [];
    private readonly List<double> fromFile = [];
    private readonly List<double> toFile = [];
    private readonly List<double> floors = [];
    private int schemas;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var path = Path.GetTempFileName();
        try
        {
            ILogSource log = new SyntheticLog(settings.Events, settings.Streams) { IsTagged = settings.IsTagged };
            if (settings.File is { } given)
            {
                File.Copy(given.FullName, path, overwrite: true);
            }
            else
            {
                await using var file = File.Create(path);
                await LogFile.ExportAsync(log, file, cancellationToken: cancellationToken);
            }

            await using var content = File.OpenRead(path);
            log = settings.File is null ? log : await LogFile.OpenAsync(content, cancellationToken);
            var events = await log.ReadAsync(LogPosition.Start, cancellationToken).LongCountAsync(cancellationToken);
            var digest = await SyntheticLog.DigestAsync(log.ReadAsync(LogPosition.Start, cancellationToken), cancellationToken);
            for (var round = 0; round <= Rounds; round++)
            {
                var memory = await RestoreAsync(store => store.RestoreAsync(log, cancellationToken: cancellationToken), events, digest, cancellationToken);
                var fileRun = await RestoreAsync(
                    async store =>
                    {
                        await using var file = File.OpenRead(path);
                        return await LogFile.ImportAsync(file, store, cancellationToken: cancellationToken);
                    },
                    events,
                    digest,
                    cancellationToken);
                var floor = await CopyAsync(log, events, cancellationToken);

                // The first is for the compiler to have seen what is hot.
                if (round > 0)
                {
                    fromMemory.Add(memory.Seconds);
                    toFile.Add(memory.ExportSeconds);
                    fromFile.Add(fileRun.Seconds);
                    floors.Add(floor);
                }
            }

            Print("restore", fromMemory, events);
            Print("import a file", fromFile, events);
            Print("export a file", toFile, events);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private async Task<(double Seconds, double ExportSeconds)> RestoreAsync(
        Func<PostgreSqlEventStore, Task<RestoreProgress>> restore, long events, string digest, CancellationToken cancellationToken)
    {
        var schema = $"{database.Schema}_{++schemas}";
        await using var store = new PostgreSqlEventStore(database.DataSource, new PostgreSqlOptions { Schema = schema });
        await store.Schema.InstallAsync(cancellationToken);
        try
        {
            var watch = Stopwatch.StartNew();
            var result = await restore(store);
            var seconds = watch.Elapsed.TotalSeconds;
            Verify.Equal("stored", events, result.Stored);
            Verify.Equal("digest", digest, await SyntheticLog.DigestAsync(store.ReadAllAsync(new LogReadOptions(), cancellationToken), cancellationToken));
            Verify.Equal("versions", events, await database.ScalarAsync<long>($"select sum(version)::bigint from {schema}.streams", cancellationToken));
            await store.AppendAsync("later-1", ExpectedVersion.NoStream, [new EventData(Guid.CreateVersion7(), Orders.EventType, "{}"u8.ToArray())], cancellationToken);

            watch.Restart();
            var path = Path.GetTempFileName();
            await using (var file = File.OpenWrite(path))
            {
                Verify.Equal("exported", events + 1, (await LogFile.ExportAsync(store, file, cancellationToken: cancellationToken)).Written);
            }

            File.Delete(path);
            return (seconds, watch.Elapsed.TotalSeconds);
        }
        finally
        {
            await database.ExecuteAsync($"drop schema {schema} cascade", CancellationToken.None);
        }
    }

    private async Task<double> CopyAsync(ILogSource log, long events, CancellationToken cancellationToken)
    {
        var table = $"{database.Schema}.floor";
        await database.ExecuteAsync($"create table {table} (like {database.Schema}.events including all)", cancellationToken);
        try
        {
            var watch = Stopwatch.StartNew();
            await using (var connection = await database.DataSource.OpenConnectionAsync(cancellationToken))
            {
                await using var importer = await connection.BeginBinaryImportAsync(
                    $"copy {table} (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, tags, recorded_at) from stdin (format binary)", cancellationToken);
                await foreach (var one in log.ReadAsync(LogPosition.Start, cancellationToken))
                {
                    await importer.StartRowAsync(cancellationToken);
                    await importer.WriteAsync(one.Position.Value, NpgsqlDbType.Bigint, cancellationToken);
                    await importer.WriteAsync((short)(one.Position.Value % 1024), NpgsqlDbType.Smallint, cancellationToken);
                    await importer.WriteAsync(one.Position.Value, NpgsqlDbType.Bigint, cancellationToken);
                    await importer.WriteAsync(one.Version.Value, NpgsqlDbType.Bigint, cancellationToken);
                    await importer.WriteAsync(one.Stream.Value, NpgsqlDbType.Text, cancellationToken);
                    await importer.WriteAsync(one.Id, NpgsqlDbType.Uuid, cancellationToken);
                    await importer.WriteAsync("order", NpgsqlDbType.Text, cancellationToken);
                    await importer.WriteAsync(one.Type, NpgsqlDbType.Text, cancellationToken);
                    await importer.WriteAsync(one.Data, NpgsqlDbType.Json, cancellationToken);
                    await WriteOrNullAsync(importer, !one.Metadata.IsEmpty, one.Metadata, NpgsqlDbType.Json, cancellationToken);
                    await WriteOrNullAsync(importer, one.Tags.Count > 0, one.Tags.Select(tag => tag.Value).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text, cancellationToken);
                    await importer.WriteAsync(one.RecordedAt.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
                }

                Verify.Equal("copied", (ulong)events, await importer.CompleteAsync(cancellationToken));
            }

            return watch.Elapsed.TotalSeconds;
        }
        finally
        {
            await database.ExecuteAsync($"drop table {table}", CancellationToken.None);
        }
    }

    private static Task WriteOrNullAsync<T>(NpgsqlBinaryImporter importer, bool isThere, T value, NpgsqlDbType type, CancellationToken cancellationToken) =>
        isThere ? importer.WriteAsync(value, type, cancellationToken) : importer.WriteNullAsync(cancellationToken);

    private void Print(string what, List<double> seconds, long events)
    {
        var floor = floors.Order().ElementAt(Rounds / 2);
        var ours = seconds.Order().ElementAt(Rounds / 2);
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["scenario"] = "restore",
            ["operation"] = what,
            ["events"] = events,
            ["streams"] = settings.File is null ? settings.Streams : null,
            ["tagged"] = settings.IsTagged,
            ["eventsPerSec"] = Math.Round(events / ours, 1),
            ["floor"] = Math.Round(events / floor, 1),
            ["ratio"] = Math.Round(floor / ours, 3),
            ["verified"] = true,
        }));
    }
}
