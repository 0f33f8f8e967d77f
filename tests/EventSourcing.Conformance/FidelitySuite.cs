using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>What is read is what was written, byte for byte and character for character.</summary>
public abstract class FidelitySuite : StoreSuite
{
    public static TheoryData<string> Payloads =>
    [
        "{}", "null", "0", "\"text\"", "[1, 2 ,3]",
        "{ \"b\" : 1,\n\t\"a\" : 2 }",
        """{"a":1,"a":2}""",
        """{"zero":"\u0000","escaped":"\u00e9\ud83c\udf89","lone":"\ud800"}""",
        """{"n":1.0e400,"m":-0,"p":0.1000,"q":12345678901234567890123456789}""",
        """{"text":"größe ✓ 漢字 🎉","sql":"'; drop table events; --"}""",
    ];

    public static TheoryData<string> Names =>
    [
        "a", "order-1", "order-with-many-hyphens-", "with space-1", "quote'-1", "double\"-1", "back\\slash-1", "percent%_-1",
        "'; drop table events; --", "größe-ü", "漢字-1", "🎉-1", "Order-1", "ORDER-1", "tab\t-1", "line\n-1", "$1-{0}-@p", "\u007f-1", "e\u0301-1",
        "a ", " a", "a\u200b", "ß", "ss", "ı-1", "i-1", "I-1", "\ufb01-1",
    ];

    [Theory]
    [MemberData(nameof(Payloads))]
    public async Task Payload_and_metadata_come_back_byte_for_byte(string json)
    {
        var metadata = $$"""{ "own" : {{json}} }""";
        var data = NewEvent("happened", json, metadata);
        await AppendAsync("order-1", ExpectedVersion.NoStream, data);

        foreach (var stored in new[] { Assert.Single(await ReadAsync("order-1")), Assert.Single(await ReadLogAsync()) })
        {
            Assert.Equal(json, Encoding.UTF8.GetString(stored.Data.Span));
            Assert.Equal(metadata, Encoding.UTF8.GetString(stored.Metadata.Span));
            Assert.Equal(data.Id, stored.Id);
        }
    }

    [Fact]
    public async Task No_metadata_comes_back_as_none()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());

        Assert.True(Assert.Single(await ReadAsync("order-1")).Metadata.IsEmpty);
    }

    [Fact]
    public async Task An_empty_object_of_metadata_is_not_the_same_as_none()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent(metadata: "{}"));

        Assert.Equal("{}"u8.ToArray(), Assert.Single(await ReadAsync("order-1")).Metadata.ToArray());
    }

    [Fact]
    public async Task The_longest_names_come_back_whatever_their_characters()
    {
        // In UTF-8 three bytes for each character, and four for each pair.
        string[] streams = [new('漢', StreamName.MaxLength), string.Concat(Enumerable.Repeat("🎉", StreamName.MaxLength / 2))];
        string[] types = [new('漢', EventData.MaxTypeLength), string.Concat(Enumerable.Repeat("🎉", EventData.MaxTypeLength / 2))];
        foreach (var (stream, type) in streams.Zip(types))
        {
            await AppendAsync(stream, ExpectedVersion.NoStream, NewEvent(type));
            var filter = new EventFilter { Categories = [stream], EventTypes = [type] };
            foreach (var stored in new[] { Assert.Single(await ReadAsync(stream)), Assert.Single(await ReadLogAsync(new LogReadOptions { Filter = filter })) })
            {
                Assert.Equal((stream, type), (stored.Stream.Value, stored.Type));
            }
        }
    }

    [Fact]
    public async Task Names_of_streams_and_types_come_back_as_written_and_are_never_mixed_up()
    {
        var longest = "category-" + new string('ü', StreamName.MaxLength - 9);
        string[] names = [.. Names.Select(row => row.Data), "\u00e9-1", longest];
        foreach (var name in names)
        {
            await AppendAsync(name, ExpectedVersion.NoStream, NewEvent(name.Length <= EventData.MaxTypeLength ? name : "long"));
        }

        Assert.Equal(names, (await ReadLogAsync()).Select(recorded => recorded.Stream.Value));
        foreach (var name in names)
        {
            var stored = Assert.Single(await ReadAsync(name));
            Assert.Equal(name, stored.Stream.Value);
            Assert.Equal(name.Length <= EventData.MaxTypeLength ? name : "long", stored.Type);
            Assert.Single(await ReadLogAsync(new LogReadOptions { Filter = new EventFilter { Categories = [new StreamName(name).Category], EventTypes = [stored.Type] } }));
        }
    }

    [Fact]
    public async Task What_the_caller_does_with_its_lists_and_buffers_later_changes_nothing()
    {
        var buffer = "{\"n\":1}"u8.ToArray();
        List<EventData> events = [new(Guid.NewGuid(), "happened", buffer, buffer)];
        List<StreamAppend> parts = [new("order-1", ExpectedVersion.NoStream, events)];
        var request = new AppendRequest(parts);
        events.Add(NewEvent());
        parts.Clear();

        await Store.AppendAsync(request, Cancellation);
        buffer.AsSpan().Fill((byte)'x');

        var stored = Assert.Single(await ReadAsync("order-1"));
        Assert.Equal("{\"n\":1}", Encoding.UTF8.GetString(stored.Data.Span));
        Assert.Equal("{\"n\":1}", Encoding.UTF8.GetString(stored.Metadata.Span));
    }
}
