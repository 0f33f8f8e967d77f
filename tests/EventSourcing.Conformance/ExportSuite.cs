using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;
using static EventSourcing.Conformance.Foreign;

namespace EventSourcing.Conformance;

/// <summary>A whole log as a file, out of a store and into one, for stores that are an <see cref="ILogRestore"/>.</summary>
public abstract class ExportSuite : StoreSuite
{
    private ILogRestore Target => (ILogRestore)Store;

    /// <summary>Through a file and a store, every event is what it was, byte for byte.</summary>
    [Fact]
    public async Task What_was_exported_is_imported_as_it_was()
    {
        RecordedEvent[] events =
        [
            Event(3, "order-1", 1, data: "{ \"a\" : 1, \"a\": 1e400, \"b\":\"\\u0000\\/ü\\ud83c\\udf89 \" }", metadata: "{\"x\":\"y\"}", tags: ["order:1", "customer:ü\"\u2028"]),
            Event(4, "order-2", 1, data: "{\r\n\t\"pretty\" : [\n 1,\r 2 ]\n}", metadata: "{\n}"),
            Event(5, "order-2", 2, data: " \"\u2028\u2029 \\u2028 🎉\"\t"),
            Event(7, "order-1", 2, data: "12345678901234567890.000e-5"),
            Event(8, "ü\"\\\u2028/\n", 1, data: "null", type: "ty\"pe\nü"),
            Event(1_000_000_000_000, "order-1", 3, data: $"\"{new string('x', 90_000)}\""),
        ];
        var file = await WrittenAsync(new ListSource(events) { End = 1_000_000_000_009 });

        var result = await LogFile.ImportAsync(new MemoryStream(file), Target, cancellationToken: Cancellation);

        Assert.Equal(new RestoreProgress(6, new LogPosition(1_000_000_000_000), new LogPosition(1_000_000_000_009)), result);
        Assert.Equal(events.Select(Described), (await ReadLogAsync()).Select(Described));
        Assert.True((await AppendAsync("order-1", ExpectedVersion.At(3), NewEvent())).Position.Value > 1_000_000_000_009);
        var again = new MemoryStream();
        var exported = await LogFile.ExportAsync(Store, again, cancellationToken: Cancellation);
        Assert.Equal((7, await HeadAsync()), (exported.Written, exported.End.Value));
        Assert.Equal((await ReadLogAsync()).Select(Described), (await EventsOf(again.ToArray())).Select(Described));
        Assert.All(Lines(again.ToArray()), line => JsonDocument.Parse(line).Dispose());
    }

    /// <summary>An export ends where the log ended when it was begun.</summary>
    [Fact]
    public async Task What_is_appended_meanwhile_does_not_appear()
    {
        for (var i = 0; i < 3; i++)
        {
            await AppendAsync("order-1", ExpectedVersion.At(i * 1_000), NewEvents(1_000));
        }

        var file = new MemoryStream();
        var told = 0;
        var result = await LogFile.ExportAsync(
            Store,
            file,
            new Told<ExportProgress>(_ =>
            {
                if (told++ == 0)
                {
                    AppendAsync("order-2", ExpectedVersion.NoStream, NewEvent()).GetAwaiter().GetResult();
                }
            }),
            Cancellation);

        Assert.Equal(3_000, result.Written);
        Assert.Equal(3_000, (await EventsOf(file.ToArray())).Count);
        Assert.Equal(3_001, (await ReadLogAsync()).Count);
    }

    /// <summary>Cut anywhere, an export goes on and is in the end what it would have been.</summary>
    [Fact]
    public async Task An_export_that_was_broken_off_goes_on()
    {
        await LogFile.ImportAsync(new MemoryStream(await WrittenAsync(new ListSource(Events(2_500)))), Target, cancellationToken: Cancellation);
        var whole = new MemoryStream();
        await LogFile.ExportAsync(Store, whole, cancellationToken: Cancellation);
        await AppendAsync("later-1", ExpectedVersion.NoStream, NewEvent());
        var header = Lines(whole.ToArray())[0].Length + 1;

        for (var cut = 0L; cut <= whole.Length; cut += 9_973)
        {
            var file = new MemoryStream();
            file.Write(whole.GetBuffer(), 0, (int)Math.Min(cut, whole.Length));
            if (cut % 2 == 1)
            {
                // Torn, as after a loss of power.
                file.Write(new byte[100]);
            }

            if (cut % 3 == 1 && cut > 3 * header)
            {
                // Damaged where a checkpoint stands behind it.
                file.Position = cut / 2;
                file.WriteByte((byte)'#');
            }

            if (cut > 0 && cut < header)
            {
                file.SetLength(cut);
            }

            file.Position = 0;
            await LogFile.ExportAsync(Store, file, cancellationToken: Cancellation);

            if (cut >= header)
            {
                Assert.True(whole.ToArray().AsSpan().SequenceEqual(file.ToArray()), string.Create(CultureInfo.InvariantCulture, $"cut at {cut}"));
            }
            else
            {
                Assert.Equal(2_501, (await EventsOf(file.ToArray())).Count);
            }
        }

        whole.Position = 0;
        Assert.Equal(0, (await LogFile.ExportAsync(Store, whole, cancellationToken: Cancellation)).Written);
    }

    /// <summary>A file that holds something else is not written over.</summary>
    [Fact]
    public async Task An_export_does_not_write_over_something_else()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(3));
        var other = await WrittenAsync(new ListSource(Events(5), "another log"));
        var letter = "Dear reader,\nthis is a letter.\n"u8.ToArray();

        await Assert.ThrowsAsync<InvalidOperationException>(() => LogFile.ExportAsync(Store, Growing(other), cancellationToken: Cancellation));
        await Assert.ThrowsAsync<InvalidDataException>(() => LogFile.ExportAsync(Store, Growing(letter), cancellationToken: Cancellation));
        await using var unreadable = new UnreadableStream(other);
        await Assert.ThrowsAsync<ArgumentException>(() => LogFile.ExportAsync(Store, unreadable, cancellationToken: Cancellation));
        Assert.Equal(other, unreadable.ToArray());

        static MemoryStream Growing(byte[] content)
        {
            var file = new MemoryStream();
            file.Write(content);
            file.Position = 0;
            return file;
        }
    }

    /// <summary>An import whose file broke off goes on with the whole file, and through a pipe that cannot be sought.</summary>
    [Fact]
    public async Task An_import_that_was_broken_off_goes_on()
    {
        var events = Events(25_000);
        var file = await WrittenAsync(new ListSource(events));
        var half = file.AsSpan(0, file.Length * 7 / 10).ToArray();
        var torn = await Assert.ThrowsAsync<InvalidDataException>(() => LogFile.ImportAsync(new MemoryStream(half), Target, cancellationToken: Cancellation));
        Assert.Contains("Line", torn.Message, StringComparison.Ordinal);
        var before = (await ReadLogAsync()).Count;
        Assert.True(before is > 0 and < 25_000);
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => AppendAsync("later-1", ExpectedVersion.NoStream, NewEvent()));

        var packed = new MemoryStream();
        await using (var packing = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await packing.WriteAsync(file, Cancellation);
        }

        packed.Position = 0;
        await using var pipe = new GZipStream(packed, CompressionMode.Decompress);
        var result = await LogFile.ImportAsync(pipe, Target, cancellationToken: Cancellation);

        Assert.Equal(25_000 - before, result.Stored);
        Assert.Equal(events.Select(Described), (await ReadLogAsync()).Select(Described));
        await RefusesAsync<InvalidOperationException>(() => LogFile.ImportAsync(new MemoryStream(file), Target, cancellationToken: Cancellation));
    }

    /// <summary>Whatever was changed, dropped, doubled, moved, cut off or added is found, and nothing behind the last good checkpoint is stored.</summary>
    /// <param name="fault">What was done to the file.</param>
    [Theory]
    [InlineData("a byte of data")]
    [InlineData("a bit of white space")]
    [InlineData("a line dropped")]
    [InlineData("a line doubled")]
    [InlineData("two lines swapped")]
    [InlineData("two blocks swapped")]
    [InlineData("a block dropped")]
    [InlineData("a checkpoint dropped")]
    [InlineData("line breaks changed")]
    [InlineData("the last line cut off")]
    [InlineData("the last byte cut off")]
    [InlineData("the last events cut off")]
    [InlineData("something follows")]
    [InlineData("an empty line follows")]
    [InlineData("not JSON")]
    public async Task A_damaged_file_is_found_out(string fault)
    {
        var events = Events(3_500);
        var lines = Lines(await WrittenAsync(new ListSource(events))).ConvertAll(Encoding.UTF8.GetString);

        // Line 1 is the header, 2 the first checkpoint, 3 to 1,002 the first thousand events, 1,003 a checkpoint, and so on.
        const int Event = 2_500;
        var text = string.Empty;
        switch (fault)
        {
            case "a byte of data": lines[Event] = lines[Event].Replace("{\"n\":", "{\"m\":", StringComparison.Ordinal); break;
            case "a bit of white space": lines[Event] = lines[Event].Replace("\"n\":", "\"n\": ", StringComparison.Ordinal); break;
            case "a line dropped": lines.RemoveAt(Event); break;
            case "a line doubled": lines.Insert(Event, lines[Event]); break;
            case "two lines swapped": lines.Reverse(Event, 2); break;
            case "two blocks swapped": lines = [.. lines[..1003], .. lines[2004..3005], .. lines[1003..2004], .. lines[3005..]]; break;
            case "a block dropped": lines.RemoveRange(2004, 1_001); break;
            case "a checkpoint dropped": lines.RemoveAt(2003); break;
            case "line breaks changed": text = string.Join("\r\n", lines) + "\r\n"; break;
            case "the last line cut off": lines.RemoveAt(lines.Count - 1); break;
            case "the last byte cut off": text = string.Join('\n', lines); break;
            case "the last events cut off": lines.RemoveRange(lines.Count - 101, 100); break;
            case "something follows": lines.Add(lines[Event]); break;
            case "an empty line follows": lines.Add(string.Empty); break;
            default: lines[Event] = "What is this?"; break;
        }

        text = text.Length > 0 ? text : string.Join('\n', lines) + "\n";
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(
            () => LogFile.ImportAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), Target, cancellationToken: Cancellation));

        Assert.Matches("[Ll]ine [0-9]+", refusal.Message);
        var stored = await ReadLogAsync();
        Assert.True(stored.Count < 3_500, "all is stored");
        Assert.Equal(events.Take(stored.Count).Select(Described), stored.Select(Described));
    }

    /// <summary>What is no such file is refused before anything begins: the store takes appends afterwards.</summary>
    /// <param name="content">The file.</param>
    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("{}\n")]
    [InlineData("Dear reader,\nthis is a letter.\n")]
    [InlineData("{\"format\":\"eventsourcing-log\",\"version\":\"2.0\",\"source\":\"x\",\"end\":1}\n")]
    [InlineData("{\"format\":\"eventsourcing-log\",\"version\":\"x\",\"source\":\"x\",\"end\":1}\n")]
    [InlineData("{\"format\":\"eventsourcing-log\",\"version\":\"1.0\",\"end\":1}\n")]
    [InlineData("{\"format\":\"eventsourcing-log\",\"version\":\"1.0\",\"source\":\"x\",\"end\":1}")]
    [InlineData("{\"format\":\"eventsourcing-log\",\"version\":\"1.0\",\"source\":\"x\",\"end\":1}\n")]
    [InlineData("{\"format\":\"eventsourcing-log\",\"version\":\"1.0\",\"source\":\"x\",\"end\":1}\n{\"checkpoint\":{\"events\":0,\"position\":0,\"sha256\":\"00\"}}\n")]
    [InlineData("{\"format\":\"eventsourcing-log\",\"version\":\"1.0\",\"source\":\"x\",\"end\":1}\n{\"checkpoint\":7}\n")]
    public async Task What_is_no_exported_log_is_refused(string content)
    {
        await RefusesAsync<InvalidDataException>(() => LogFile.ImportAsync(new MemoryStream(Encoding.UTF8.GetBytes(content)), Target, cancellationToken: Cancellation));

        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());
    }

    /// <summary>A checksum vouches for what was written, and an event that no store could have written is refused all the same.</summary>
    /// <param name="find">What stands in the line of an event.</param>
    /// <param name="replace">What is to stand there.</param>
    [Theory]
    [InlineData("\"version\":2", "\"version\":3")]
    [InlineData("\"version\":2,", "")]
    [InlineData("\"version\":2", "\"version\":2,\"version\":2")]
    [InlineData("\"version\":2", "\"version\":\"2\"")]
    [InlineData("\"version\":2", "\"version\":2,\"colour\":\"red\"")]
    [InlineData("{\"position\":5", "{\"position\":3")]
    [InlineData("{\"position\":5", "{\"position\":0")]
    [InlineData("{\"position\":5", "{\"position\":x")]
    [InlineData("\"data\":{\"n\":1}", "\"data\":{\"n\":1},\"dataText\":\"{}\"")]
    [InlineData("\"data\":{\"n\":1}", "\"dataText\":\"{ \"")]
    [InlineData("\"data\":{\"n\":1}", "\"metadata\":{}")]
    [InlineData("\"data\":{\"n\":1}", "\"data\":{\"n\":1},\"metadata\":[]")]
    [InlineData("\"data\":{\"n\":1}}", "\"data\":{\"n\":1}")]
    [InlineData("\"data\":{\"n\":1}}", "\"data\":{\"n\":1}}}")]
    [InlineData("\"order-0\"", "\"\"")]
    [InlineData("\"order-0\"", "null")]
    [InlineData("\"order-0\"", "\"\\ud800\"")]
    public async Task An_event_that_does_not_fit_is_refused_although_its_checksum_does(string find, string replace)
    {
        RecordedEvent[] events = [Event(3, "order-0", 1), Event(5, "order-0", 2, data: "{\"n\":1}"), Event(6, "order-0", 3)];
        var file = Encoding.UTF8.GetString(await WrittenAsync(new ListSource(events)));
        var line = file.Split('\n').Single(line => line.StartsWith("{\"position\":5,", StringComparison.Ordinal));
        Assert.Contains(find, line, StringComparison.Ordinal);

        var refusal = await RefusesAsync<Exception>(
            () => LogFile.ImportAsync(new MemoryStream(Signed(file.Replace(line, line.Replace(find, replace, StringComparison.Ordinal), StringComparison.Ordinal))), Target, cancellationToken: Cancellation));

        Assert.True(refusal is InvalidDataException or ArgumentException, refusal.ToString());
        Assert.Matches("[Ll]ine 4|position [350]", refusal.Message);
    }

    /// <summary>A later minor version may say more: what is not known is passed over.</summary>
    [Fact]
    public async Task A_file_of_a_later_minor_version_is_read()
    {
        RecordedEvent[] events = [Event(3, "order-0", 1), Event(5, "order-0", 2)];
        var file = Encoding.UTF8.GetString(await WrittenAsync(new ListSource(events)));
        file = file.Replace("\"version\":\"1.0\"", "\"version\":\"1.7\"", StringComparison.Ordinal)
            .Replace("\"version\":2,", "\"version\":2,\"colour\":{\"red\":[1]},", StringComparison.Ordinal)
            .Replace("{\"position\":5", "{\"remark\":\"new\"}\n{\"position\":5", StringComparison.Ordinal);

        await LogFile.ImportAsync(new MemoryStream(Signed(file)), Target, cancellationToken: Cancellation);

        Assert.Equal(events.Select(Described), (await ReadLogAsync()).Select(Described));
    }

    /// <summary>What a source says of its streams stands in the file.</summary>
    [Fact]
    public async Task Streams_that_begin_higher_are_moved_too()
    {
        RecordedEvent[] events = [Event(10, "order-1", 5), Event(12, "order-1", 6)];
        var info = new StreamInfo("order-1", new StreamVersion(6), new StreamVersion(5), StreamState.Open) { StandIn = StreamStandIn.Summary };
        var file = await WrittenAsync(new ListSource(events) { Streams = [info] });

        Assert.Equal([info], await (await LogFile.OpenAsync(new MemoryStream(file), Cancellation)).ReadStreamsAsync(Cancellation).ToListAsync(Cancellation));
        await LogFile.ImportAsync(new MemoryStream(file), Target, cancellationToken: Cancellation);

        Assert.Equal(events.Select(Described), (await ReadLogAsync()).Select(Described));
    }

    /// <summary>A stream that is archived, truncated or deleted is so where it is moved to, and from there on.</summary>
    [Fact]
    public async Task Streams_keep_their_lives()
    {
        RecordedEvent[] events =
        [
            Event(3, "archived-1", 1),
            Event(5, "truncated-1", 4),
            Event(6, "archived-1", 2),
            Event(9, "deleted-1", 7, type: StreamDeleted.StoredName, data: """{"reason":"asked for"}"""),
        ];
        StreamInfo[] lives =
        [
            new("archived-1", new StreamVersion(2), new StreamVersion(1), StreamState.Archived),
            new("deleted-1", new StreamVersion(7), new StreamVersion(7), StreamState.Deleted),
            new("truncated-1", new StreamVersion(4), new StreamVersion(4), StreamState.Open) { StandIn = StreamStandIn.Summary },
        ];
        await LogFile.ImportAsync(new MemoryStream(await WrittenAsync(new ListSource(events) { Streams = lives })), Target, cancellationToken: Cancellation);

        Assert.Equal(lives, await Store.ReadStreamsAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Equal(events.Select(Described), (await ReadLogAsync()).Select(Described));
        Assert.Equal(2, (await ReadAsync("archived-1")).Count);
        await Assert.ThrowsAsync<StreamClosedException>(() => AppendAsync("archived-1", ExpectedVersion.At(2), NewEvent()));
        await Assert.ThrowsAsync<StreamClosedException>(() => AppendAsync("deleted-1", ExpectedVersion.Any, NewEvent()));
        await AppendAsync("truncated-1", ExpectedVersion.At(4), NewEvent());

        var again = new MemoryStream();
        await LogFile.ExportAsync(Store, again, cancellationToken: Cancellation);
        Assert.Equal(
            [lives[0], lives[1], lives[2] with { Version = new StreamVersion(5) }],
            await (await LogFile.OpenAsync(new MemoryStream(again.ToArray()), Cancellation)).ReadStreamsAsync(Cancellation).ToListAsync(Cancellation));
    }

    private static async Task<byte[]> WrittenAsync(ILogSource source)
    {
        var file = new MemoryStream();
        await LogFile.ExportAsync(source, file, cancellationToken: Cancellation);
        return file.ToArray();
    }

    private static async Task<List<RecordedEvent>> EventsOf(byte[] file) =>
        await (await LogFile.OpenAsync(new MemoryStream(file), Cancellation)).ReadAsync(LogPosition.Start, Cancellation).ToListAsync(Cancellation);

    private static List<byte[]> Lines(byte[] file) => [.. Encoding.UTF8.GetString(file).TrimEnd('\n').Split('\n').Select(Encoding.UTF8.GetBytes)];

    /// <summary>The file with checksums that fit what it holds.</summary>
    private static byte[] Signed(string file)
    {
        var signed = new StringBuilder();
        var since = string.Empty;
        foreach (var line in file.TrimEnd('\n').Split('\n'))
        {
            var written = line;
            if (line.Contains("\"sha256\":\"", StringComparison.Ordinal))
            {
                var sum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(since)));
                var at = line.IndexOf("\"sha256\":\"", StringComparison.Ordinal) + 10;
                written = string.Concat(line.AsSpan(0, at), sum, line.AsSpan(at + 64));
                since = string.Empty;
            }

            since += written + "\n";
            signed.Append(written).Append('\n');
        }

        return Encoding.UTF8.GetBytes(signed.ToString());
    }

    private sealed class UnreadableStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanRead => false;
    }
}
