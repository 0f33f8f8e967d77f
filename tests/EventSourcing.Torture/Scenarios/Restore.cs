using System.Data;
using EventSourcing.PostgreSql;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>
/// Backups made under load: restored whole elsewhere, where everything goes on; and an older log restored under what was made from a
/// newer one, which is to be refused until the documented procedure has been followed.
/// </summary>
internal sealed class Restore(TortureRun run, World source, PostgreSqlCluster from, PostgreSqlCluster to, int partitions)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private int databases;

    public static async Task RunAsync(TortureRun run)
    {
        await using var from = await PostgreSqlServer.StartDedicatedAsync();
        await using var to = await PostgreSqlServer.StartDedicatedAsync();
        var partitions = run.RandomFor("partitions").Next(2) == 0 ? 1 : 4;
        run.Figure("partitions", partitions);
        await using var source = await World.CreateAsync(run, from.ConnectionString, partitions: partitions);
        var random = run.RandomFor("restores");
        var loaded = await source.StartAsync(seed: random.Next(), subscriber: "subscriber-0");
        await source.AppendToAllAsync();
        await source.CheckAtHeadAsync();
        var restore = new Restore(run, source, from, to, partitions);
        await loaded.TellAsync("load 3");
        using var over = run.Begin();
        do
        {
            await Task.Delay(random.Next(200, 1_000));
            var older = await restore.DumpAsync();
            await restore.RestoreWholeAsync(older);
            var newer = await restore.DumpAsync();
            await restore.RestoreOlderLogAsync(older.File, newer.File);
            File.Delete(older.File);
            File.Delete(newer.File);
            run.Count("rounds");
        }
        while (!over.IsCancellationRequested);

        await source.QuiesceAsync();
        await source.CheckHistoryAsync();
    }

    /// <summary>Dumps while others write; tells what is in it.</summary>
    private async Task<(string File, string Print, long Last)> DumpAsync()
    {
        var file = $"/tmp/eventsourcing-dump-{Guid.NewGuid():N}";
        await using var connection = await source.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var snapshot = await ScalarAsync<string>(connection, "select pg_export_snapshot()");
        await from.DumpAsync(file, snapshot);
        return (file, await PrintAsync(connection), await ScalarAsync<long>(connection, "select max(position) from {schema}.events"));
    }

    /// <summary>A new cluster, the whole dump: the log is the same, and everybody goes on from where it was.</summary>
    private async Task RestoreWholeAsync((string File, string Print, long Last) dump)
    {
        var connectionString = await NewDatabaseAsync(dump.File);
        await using var world = await World.CreateAsync(run, connectionString, source.SchemaName, partitions);
        await using (var connection = await world.DataSource.OpenConnectionAsync())
        {
            run.Checked("restored logs byte for byte");
            if (await PrintAsync(connection) != dump.Print)
            {
                run.Violation($"The log up to {dump.Last} is another after it was restored.");
            }
        }

        // As it was restored, before anybody goes on.
        await world.CheckAsync();
        var appended = await world.AppendToAllAsync();
        if (appended.Value <= dump.Last)
        {
            run.Violation($"After a log up to {dump.Last} was restored, an append got {appended}.");
        }

        await world.AppendAsync(new AppendRequest(new StreamAppend("restored-1", ExpectedVersion.NoStream, [Projections.Serializer.Serialize(new Closed())])));
        await using (var connection = await world.DataSource.OpenConnectionAsync())
        {
            if (await ScalarAsync<bool>(connection, "select count(*) <> count(distinct stream_id) from {schema}.streams"))
            {
                run.Violation("A stream made after the restore has the id of another.");
            }
        }

        // The processes of before hold leases in the dump: they are dead here, and their leases run out.
        await world.StartAsync(subscriber: "subscriber-of-all");
        var end = await world.CheckAtHeadAsync();
        await CheckSubscriberAsync(world, "subscriber-of-all", end.Log[^1].Position, after: 0);
        run.Checked("read models against a fold", world.Checks);
        run.Operated(end.Log.Count);
    }

    /// <summary>The log of an older dump under all else of a newer one.</summary>
    private async Task RestoreOlderLogAsync(string older, string newer)
    {
        var connectionString = await NewDatabaseAsync(newer);
        await using var world = await World.CreateAsync(run, connectionString, source.SchemaName, partitions);
        await using var connection = await world.DataSource.OpenConnectionAsync();
        var seen = await ScalarAsync<long>(connection, "select max(position) from {schema}.events");
        await ExecuteAsync(connection, "truncate {schema}.events, {schema}.streams");
        var tables = partitions == 1 ? ["events"] : Enumerable.Range(0, partitions).Select(i => $"events_{1024 * i / partitions}");
        await to.RestoreAsync(
            older, Database(connectionString), ["-a", "-n", source.SchemaName, .. tables.Append("streams").Append("streams_stream_id_seq").Append("event_position").SelectMany(table => new[] { "-t", table })]);
        var there = await ScalarAsync<long>(connection, "select max(position) from {schema}.events");
        if (there >= seen)
        {
            throw new ProofFailedException($"Nothing was appended between two dumps, at {seen}.");
        }

        await ExpectRefusalAsync(world, seen);

        // From here on as docs/postgresql.md has it.
        await ExecuteAsync(connection, Procedure);
        var appended = await world.AppendToAllAsync();
        if (appended.Value <= seen)
        {
            run.Violation($"After the procedure an append got {appended}, and {seen} was seen before.");
        }

        File.WriteAllText(SeenFile.PathOf(world.Folder, "subscriber-of-before"), $"{seen} as it was before\n");
        await world.StartAsync(subscriber: "subscriber-of-before");
        await world.CheckAtHeadAsync();
        await CheckSubscriberAsync(world, "subscriber-of-before", appended.Value, seen);
        run.Checked("read models against a fold", world.Checks);
        run.Checked("older logs under newer read models");
    }

    private async Task ExpectRefusalAsync(World world, long seen)
    {
        try
        {
            await foreach (var message in world.Store.SubscribeAsync(new SubscriptionOptions { From = Checkpoint.After(new LogPosition(seen)) }))
            {
                run.Violation($"A subscription that had seen {seen} went on in an older log: {message}");
                break;
            }
        }
        catch (CheckpointAheadOfLogException)
        {
            run.Checked("refusals of what is ahead of the log");
        }

        var process = await world.StartAsync();
        var head = (await world.Store.GetHeadAsync()).Highest;
        await world.UntilAsync(
            "what is ahead of the log has failed",
            board => board.Rows.All(row => row.Position <= head || (row.State == ConsumerState.Failed && row.Error?.Contains("lies beyond the head of the log", StringComparison.Ordinal) == true)),
            Patience);
        var status = await world.Watcher.GetStatusAsync();
        var ahead = (await world.BoardAsync()).Rows.Where(row => row.Position > head).Select(row => row.Key.Consumer).Distinct().ToArray();
        run.Checked("refusals of what is ahead of the log", ahead.Length);
        foreach (var name in ahead.Where(name => status.All(one => one.Name != name || one.State != ConsumerState.Failed)))
        {
            run.Violation($"'{name}' is ahead of the log, and its status does not say so.");
        }

        await process.KillAsync();
    }

    /// <summary>What an operator runs after an older log was restored alone.</summary>
    private static string Procedure => """
        select setval('{schema}.event_position', 1000000 + greatest(
          (select last_value from {schema}.event_position),
          (select max(position) from {schema}.consumers),
          (select max(substr(checkpoint, 3)::bigint) from {schema}.checkpoints),
          (select max(position) from {schema}.snapshots)));
        do $$
        declare
          one text;
        begin
          for one in select nspname from pg_namespace where starts_with(nspname, '{schema}_') loop
            execute format('drop schema %I cascade', one);
          end loop;
        end
        $$;
        truncate {schema}.consumers, {schema}.dead_letters, {schema}.snapshots;
        """;

    private async Task CheckSubscriberAsync(World world, string name, long upTo, long after)
    {
        var path = SeenFile.PathOf(world.Folder, name);
        using var limit = new CancellationTokenSource(Patience);
        while (LineFile.Lines(path) is not [.., var last] || SeenFile.PositionOf(last) < upTo)
        {
            await Task.Delay(50, limit.Token);
        }

        var (log, _) = await StoredEvent.ReadAllAsync(world.DataSource, source.SchemaName);
        var lines = LineFile.Lines(path).Skip(after == 0 ? 0 : 1).ToArray();
        run.Checked("events seen by subscribers", lines.Length);
        if (!lines.SequenceEqual(log.Where(one => one.Position > after).Select(SeenFile.LineOf)))
        {
            run.Violation($"{name} has not seen just what is in the restored log after {after}.");
        }
    }

    /// <summary>A database of the other cluster with a dump in it.</summary>
    private async Task<string> NewDatabaseAsync(string dump)
    {
        var name = $"restored_{databases++}";
        await using var connection = new NpgsqlConnection(to.ConnectionString);
        await connection.OpenAsync();
        await ExecuteAsync(connection, $"create database {name}");
        await to.RestoreAsync(dump, name);
        return new NpgsqlConnectionStringBuilder(to.ConnectionString) { Database = name }.ConnectionString;
    }

    private static string Database(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString).Database!;

    /// <summary>Everything that is in the log, to the last byte of the last column.</summary>
    private Task<string> PrintAsync(NpgsqlConnection connection) => ScalarAsync<string>(
        connection,
        "select md5((select string_agg(md5(e::text), '' order by position) from {schema}.events e) || (select string_agg(s::text, '' order by bucket, name) from {schema}.streams s))");

    private async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql.Replace("{schema}", source.SchemaName, StringComparison.Ordinal), connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql.Replace("{schema}", source.SchemaName, StringComparison.Ordinal), connection);
        await command.ExecuteNonQueryAsync();
    }
}
