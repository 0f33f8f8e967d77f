using System.Diagnostics;
using System.Globalization;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A database whose commits need not be on the disk: what the library acknowledges is, all the same.</summary>
public sealed class DurabilityTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The forms that an append takes.</summary>
    public static TheoryData<string> Forms => ["alone", "streams", "together", "transaction", "inline", "import"];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task An_append_is_on_the_disk_where_commits_are_asynchronous(string form)
    {
        await using var cluster = await PostgreSqlServer.StartDedicatedAsync(Cancellation);
        await using var dataSource = NpgsqlDataSource.Create(cluster.ConnectionString + ";Options=-c synchronous_commit=off");
        using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Notifications = false });
        await store.Schema.InstallAsync(Cancellation);
        if (form == "inline")
        {
            var projection = new CountProjection(store);
            store.UseInline(new InlineProjection(store, new EventSerializer(new EventTypeRegistry().Add<Counted>()), projection, projection));
        }

        await store.AppendAsync("first-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);

        // Nobody else writes to the disk what a commit does not.
        await StopAsync(dataSource, "walwriter");
        await StopAsync(dataSource, "background writer");
        await StopAsync(dataSource, "checkpointer");
        var streams = await AppendAsync(store, dataSource, form);
        await cluster.KillAsync();
        await cluster.StartAsync(Cancellation);
        dataSource.Clear();

        foreach (var stream in streams)
        {
            (await store.ReadStreamAsync(stream, cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().ContainSingle();
        }
    }

    private static async Task<StreamName[]> AppendAsync(PostgreSqlEventStore store, NpgsqlDataSource dataSource, string form)
    {
        StreamName[] streams = form is "streams" or "together" ? [.. Enumerable.Range(1, 40).Select(i => StreamName.For("stream", i))] : ["stream-1"];
        switch (form)
        {
            case "together":
                await Task.WhenAll(streams.Select(stream => store.AppendAsync(new AppendRequest(Part(stream)), Cancellation)));
                break;
            case "import":
                await store.ImportAsync(streams.Select(Part).ToAsyncEnumerable(), cancellationToken: Cancellation);
                break;
            case "transaction":
                await using (var connection = await dataSource.OpenConnectionAsync(Cancellation))
                await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
                {
                    await store.AppendAsync(new AppendRequest([.. streams.Select(Part)]), transaction, Cancellation);
                    await transaction.CommitAsync(Cancellation);
                }

                break;
            default:
                await store.AppendAsync(new AppendRequest([.. streams.Select(Part)]), Cancellation);
                break;
        }

        return streams;
    }

    private static StreamAppend Part(StreamName stream) => new(stream, ExpectedVersion.NoStream, [Events.New()]);

    private static async Task StopAsync(NpgsqlDataSource dataSource, string backend)
    {
        await using var command = dataSource.CreateCommand($"select pid from pg_stat_activity where backend_type = '{backend}'");
        var pid = (int)(await command.ExecuteScalarAsync(Cancellation))!;
        using var stop = Process.Start("kill", ["-STOP", pid.ToString(CultureInfo.InvariantCulture)]);
        await stop.WaitForExitAsync(Cancellation);
    }
}
