using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Bad input gets a clear error and changes nothing.</summary>
public abstract class BadInputSuite : StoreSuite
{
    private static readonly string Lone = "lone" + '\ud800';

    [Fact]
    public async Task Bad_stream_names_are_refused()
    {
        foreach (var name in new[] { null, "", "-1", "zero\0-1", Lone, new string('x', StreamName.MaxLength + 1) })
        {
            await RefusesAsync<ArgumentException>(() => AppendAsync(new StreamName(name!), ExpectedVersion.Any, NewEvent()));
            await RefusesAsync<ArgumentException>(() => ReadAsync(new StreamName(name!)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("zero\0")]
    [InlineData(null)]
    public async Task Bad_type_names_are_refused(string? type)
    {
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, NewEvent(type!)));
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, NewEvent(Lone)));
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, NewEvent(new string('x', EventData.MaxTypeLength + 1))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("// comment\n{}")]
    [InlineData("NaN")]
    [InlineData("\"raw\u0001control\"")]
    public async Task Malformed_json_is_refused(string json)
    {
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, NewEvent(data: json)));
        if (json.Length > 0)
        {
            await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, NewEvent(metadata: json)));
        }
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_and_nesting_without_end_are_refused()
    {
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, new EventData(Guid.NewGuid(), "t", new byte[] { 0x22, 0xC3, 0x22 })));
        var deep = new string('[', EventData.MaxDepth + 1) + new string(']', EventData.MaxDepth + 1);
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, NewEvent(data: deep)));
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, NewEvent(metadata: $$"""{"a":{{deep}}}""")));
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, NewEvent(metadata: "[]")));
        await RefusesAsync<ArgumentException>(() => AppendAsync(
            "order-1", ExpectedVersion.Any, new EventData(Guid.NewGuid(), "t", "{}"u8.ToArray(), "{\"a\":\""u8.ToArray().Append((byte)0xC3).Concat("\"}"u8.ToArray()).ToArray())));
    }

    [Fact]
    public async Task The_deepest_nesting_that_is_taken_comes_back()
    {
        var deep = new string('[', EventData.MaxDepth) + new string(']', EventData.MaxDepth);
        await AppendAsync("order-1", ExpectedVersion.Any, NewEvent(data: deep));

        Assert.Equal(deep, Encoding.UTF8.GetString(Assert.Single(await ReadAsync("order-1")).Data.Span));
    }

    [Fact]
    public async Task An_event_over_the_limit_is_refused_and_one_at_the_limit_is_not()
    {
        static string Json(int bytes) => "\"" + new string('x', bytes - 2) + "\"";
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent(data: Json(MaxEventBytes)));

        var refusal = await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.At(1), NewEvent(), NewEvent(data: Json(MaxEventBytes + 1))));
        Assert.Contains("100,000", refusal.Message, StringComparison.Ordinal);
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.At(1), NewEvent(data: Json(MaxEventBytes), metadata: "{}")));
        await RefusesAsync<ArgumentException>(() => AppendAsync(
            new StreamAppend("order-1", ExpectedVersion.At(1), [NewEvent()]),
            new StreamAppend("order-2", ExpectedVersion.NoStream, [NewEvent(data: Json(MaxEventBytes + 1))])));
    }

    [Fact]
    public async Task An_append_over_the_limit_is_refused_and_one_at_the_limit_is_not()
    {
        static EventData Event() => NewEvent(data: "\"" + new string('x', MaxEventBytes - 2) + "\"");
        var full = Enumerable.Range(0, MaxAppendBytes / MaxEventBytes).Select(_ => Event()).ToArray();

        var refusal = await RefusesAsync<ArgumentException>(() => AppendAsync(
            new StreamAppend("order-1", ExpectedVersion.NoStream, full), new StreamAppend("order-2", ExpectedVersion.NoStream, [NewEvent()])));
        await AppendAsync("order-1", ExpectedVersion.NoStream, full);

        Assert.Contains("10,000,000 an append", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filters_by_names_that_nothing_can_have_are_refused()
    {
        foreach (var name in new[] { null!, "", "zero\0", Lone, new string('x', StreamName.MaxLength + 1) })
        {
            await RefusesAsync<ArgumentException>(() => ReadLogAsync(new LogReadOptions { Filter = new EventFilter { Categories = ["order", name] } }));
            await RefusesAsync<ArgumentException>(() => ReadLogAsync(new LogReadOptions { Filter = new EventFilter { EventTypes = [name] } }));
        }

        await RefusesAsync<ArgumentException>(() => ReadLogAsync(new LogReadOptions { Filter = new EventFilter { Categories = null! } }));
        await RefusesAsync<ArgumentException>(() => ReadLogAsync(new LogReadOptions { Filter = null! }));
        await RefusesAsync<ArgumentException>(() => Task.FromResult(new SubscriptionOptions { Filter = null! }));
    }

    [Fact]
    public async Task Names_of_checkpoints_that_cannot_be_kept_are_refused()
    {
        foreach (var name in new[] { null!, "", "zero\0", Lone, new string('x', CheckpointName.MaxLength + 1) })
        {
            await RefusesAsync<ArgumentException>(() => Checkpoints.LoadAsync(name, Cancellation));
            await RefusesAsync<ArgumentException>(() => Checkpoints.SaveAsync(name, Checkpoint.Start, Cancellation));
        }
    }

    [Fact]
    public async Task There_is_nothing_to_replay_after_the_highest_version_of_all()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());

        await Store.ReplayAsync("order-1", new StreamVersion(long.MaxValue), _ => Assert.Fail("there is none"), Cancellation);
        await RefusesAsync<InvalidOperationException>(() => Store.ReplayAsync(default, new StreamVersion(long.MaxValue), _ => { }, Cancellation));
    }

    [Fact]
    public async Task Appends_that_make_no_sense_are_refused()
    {
        var data = NewEvent();
        await RefusesAsync<ArgumentException>(() => AppendAsync(default(StreamName), ExpectedVersion.Any, data));
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", default, data));
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.At(-1), data));
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.At(long.MaxValue), data));
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, data, data));
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, data, null!));
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, (EventData[])null!));
        await RefusesAsync<ArgumentException>(() => AppendAsync());
        await RefusesAsync<ArgumentException>(() => AppendAsync(
            new StreamAppend("order-1", ExpectedVersion.Any, [data]), new StreamAppend("order-1", ExpectedVersion.Any, [NewEvent()])));
        await RefusesAsync<ArgumentException>(() => AppendAsync(
            new StreamAppend("order-1", ExpectedVersion.Any, [data]), new StreamAppend("order-2", ExpectedVersion.Any, [data])));
        await RefusesAsync<ArgumentException>(() => AppendAsync("order-1", ExpectedVersion.Any, new EventData(Guid.Empty, "t", "{}"u8.ToArray())));
        await RefusesAsync<ArgumentException>(() => Store.AppendAsync(null!, Cancellation));
        await RefusesAsync<InvalidOperationException>(() => ReadAsync(default));
        await RefusesAsync<ArgumentException>(() => Store.ReadLogAsync(null!, Cancellation));
        await RefusesAsync<ArgumentException>(() => ReadLogAsync(new LogReadOptions { PageSize = 0 }));
        await RefusesAsync<ArgumentException>(() => ReadAsync("order-1", new StreamReadOptions { MaxCount = 0 }));
    }
}
