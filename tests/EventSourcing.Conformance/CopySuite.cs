using System.Text;
using Xunit;
using static EventSourcing.Conformance.Foreign;

namespace EventSourcing.Conformance;

/// <summary>A log transformed on its way into a store, for stores that are an <see cref="ILogRestore"/>.</summary>
public abstract class CopySuite : StoreSuite
{
    private ILogRestore Target => (ILogRestore)Store;

    /// <summary>Streams and types renamed, payloads changed, events split, merged and dropped; numbers without holes.</summary>
    [Fact]
    public async Task A_log_is_transformed_on_its_way()
    {
        RecordedEvent[] events =
        [
            Event(3, "customer-1", 1, type: "registered", data: "{\"name\":\"Ann\"}", metadata: "{\"actor\":\"x\"}", tags: ["customer:1"]),
            Event(5, "customer-1", 2, type: "viewed"),
            Event(8, "cart-1", 1, type: "checked-out", data: "{\"n\":1}"),
            Event(9, "customer-1", 3, type: "moved"),
            Event(11, "cart-2", 1, type: "checked-out", data: "{\"n\":2}"),
        ];
        var source = new ListSource(events).Transform("test", recorded => recorded.Type switch
        {
            "viewed" => [],
            "moved" => [recorded.With(type: "relocated")],
            "checked-out" => [recorded.With(stream: "orders"), recorded.With(stream: $"payment-{recorded.Stream}", type: "due", data: "{}"u8.ToArray(), tags: ["due:1"])],
            _ => [recorded],
        });

        var result = await Target.RestoreAsync(source, cancellationToken: Cancellation);

        Assert.Equal(new RestoreProgress(6, new LogPosition(6), new LogPosition(6)), result);
        var log = await ReadLogAsync();
        Assert.Equal(
            [
                "1 customer-1 1 registered", "2 orders 1 checked-out", "3 payment-cart-1 1 due", "4 customer-1 2 relocated", "5 orders 2 checked-out", "6 payment-cart-2 1 due",
            ],
            log.Select(one => $"{one.Position} {one.Stream} {one.Version} {one.Type}"));
        Assert.Equal([events[0].Id, events[2].Id, events[3].Id, events[4].Id], new[] { 0, 1, 3, 4 }.Select(i => log[i].Id));
        Assert.Equal(6, log.Select(one => one.Id).Distinct().Count());
        Assert.Equal(events[0].RecordedAt, log[0].RecordedAt);
        Assert.Equal(events[0].Metadata.ToArray(), log[0].Metadata.ToArray());
        Assert.Equal(events[0].Data.ToArray(), log[0].Data.ToArray());
        Assert.Equal(["customer:1"], log[0].Tags.Select(tag => tag.Value));
        Assert.Equal(("{}", "due:1"), (Encoding.UTF8.GetString(log[2].Data.Span), log[2].Tags.Single().Value));
        Assert.Equal(7, (await AppendAsync("orders", ExpectedVersion.At(2), NewEvent())).Position.Value);
    }

    /// <summary>The store itself is a source; ids that are made are the same on every run.</summary>
    [Fact]
    public async Task An_interrupted_copy_goes_on()
    {
        var events = Events(12_000);
        var passes = 0;
        var broken = new ListSource(events) { Before = one => one.Position.Value == 12_001 && passes > 1 ? throw new IOException("torn") : CountAsync(one) };
        await Assert.ThrowsAsync<IOException>(() => Target.RestoreAsync(Doubled(broken), cancellationToken: Cancellation));
        var before = (await ReadLogAsync()).Count;
        Assert.True(before is > 0 and < 24_000);

        var result = await Target.RestoreAsync(Doubled(new ListSource(events)), cancellationToken: Cancellation);

        Assert.Equal(24_000 - before, result.Stored);
        var expected = await Doubled(new ListSource(events)).ReadAsync(LogPosition.Start, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(24_000, expected.Select(one => one.Id).Distinct().Count());
        Assert.Equal(expected.Select(Described), (await ReadLogAsync()).Select(Described));

        Task CountAsync(RecordedEvent one)
        {
            passes += one.Position.Value == 3 ? 1 : 0;
            return Task.CompletedTask;
        }
    }

    /// <summary>A transformation that gives what cannot be stored is named, with the event; nothing is stored.</summary>
    /// <param name="fault">What it gives.</param>
    [Theory]
    [InlineData("null")]
    [InlineData("null event")]
    [InlineData("one id twice")]
    [InlineData("no stream")]
    [InlineData("no type")]
    [InlineData("no JSON")]
    [InlineData("an exception")]
    public async Task A_bad_transformation_is_named_and_nothing_stored(string fault)
    {
        var events = Events(3_000);
        var source = new ListSource(events).Transform("test", recorded => recorded.Position.Value < 5_001 ? [recorded] : fault switch
        {
            "null" => null!,
            "null event" => [recorded, null!],
            "one id twice" => [recorded.With(id: Guid.Parse("11111111-1111-1111-1111-111111111111")), recorded.With(id: Guid.Parse("11111111-1111-1111-1111-111111111111"))],
            "no stream" => [recorded.With(stream: default(StreamName))],
            "no type" => [recorded.With(type: "")],
            "no JSON" => [recorded.With(data: "{"u8.ToArray())],
            _ => throw new NotSupportedException("I cannot"),
        });

        var refusal = await RefusesAsync<ArgumentException>(() => Target.RestoreAsync(source, cancellationToken: Cancellation));

        Assert.Contains("position 5001", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'test'", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, await HeadAsync());
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());
    }

    /// <summary>Another transformation does not go on with what one has begun.</summary>
    [Fact]
    public async Task Another_transformation_does_not_go_on()
    {
        var events = Events(100);
        var runs = 0;
        var torn = new ListSource(events) { Before = one => one.Position.Value > 100 && runs++ > 60 ? throw new IOException("torn") : Task.CompletedTask };
        await Assert.ThrowsAsync<IOException>(() => Target.RestoreAsync(torn.Transform("one", recorded => [recorded]), cancellationToken: Cancellation));

        await RefusesAsync<InvalidOperationException>(() => Target.RestoreAsync(new ListSource(events).Transform("other", recorded => [recorded]), cancellationToken: Cancellation));

        await Target.RestoreAsync(new ListSource(events).Transform("one", recorded => [recorded]), cancellationToken: Cancellation);
        Assert.Equal(100, (await ReadLogAsync()).Count);
    }

    /// <summary>One transformation after another: what each of them makes has ids of its own.</summary>
    [Fact]
    public async Task Transformations_follow_one_another()
    {
        var twice = Doubled(new ListSource(Events(10))).Transform("again", recorded => [recorded, recorded.With(type: "copied")]);

        await Target.RestoreAsync(twice, cancellationToken: Cancellation);

        var log = await ReadLogAsync();
        Assert.Equal((40, 40), (log.Count, log.Select(one => one.Id).Distinct().Count()));
    }

    /// <summary>The log of a store, through a transformation and a file.</summary>
    [Fact]
    public async Task A_store_is_a_source()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(1_500));
        var source = await LogSource.OfAsync(Store, Cancellation);
        await AppendAsync("order-1", ExpectedVersion.At(1_500), NewEvent());
        var file = new MemoryStream();

        await LogFile.ExportAsync(source.Transform("odd", recorded => recorded.Version.Value % 2 == 1 ? [recorded] : []), file, cancellationToken: Cancellation);

        file.Position = 0;
        var copied = await (await LogFile.OpenAsync(file, Cancellation)).ReadAsync(LogPosition.Start, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(Enumerable.Range(1, 750).Select(n => ((long)n, (long)n)), copied.Select(one => (one.Position.Value, one.Version.Value)));
        Assert.Equal((await ReadAsync("order-1")).Where(one => one.Version.Value % 2 == 1 && one.Version.Value < 1_500).Select(one => one.Id), copied.Select(one => one.Id));
    }

    private static ILogSource Doubled(ILogSource source) => source.Transform("doubled", recorded => [recorded, recorded.With(stream: $"copy-of-{recorded.Stream}")]);
}
