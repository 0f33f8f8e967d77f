using System.Text;
using EventSourcing.PostgreSql;

namespace EventSourcing.Torture;

/// <summary>The values that callers make: each is refused at once as documented, or holds just what was given.</summary>
internal sealed class ValuesRound(Trial trial, Random random)
{
    private readonly HostileText texts = new(random);
    private readonly HostileJson json = new(random);

    public async Task RunAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await NamesAsync(texts.Next());
            await NumbersAsync(Number(), Number());
            await EventAsync(texts.Next(), json.Next(), json.NextMetadata());
            await MessageAsync(texts.Next(), texts.Next(), json.Next());
        }
    }

    private async Task NamesAsync(string text)
    {
        var shown = Trial.Show(text);
        var isStorable = IsStorable(text);
        await AcceptsAsync("StreamName", shown, isStorable && text.Length <= 500 && text[0] != '-', () => new StreamName(text).Value == text);
        await AcceptsAsync("StreamName.For", shown, isStorable && text.Length <= 498 && !text.Contains('-', StringComparison.Ordinal), () => StreamName.For(text, 1).Category == text);
        await AcceptsAsync("CheckpointName", shown, isStorable && text.Length <= 200, () =>
        {
            CheckpointName.ThrowIfInvalid(text);
            return true;
        });
        await AcceptsAsync("SnapshotPolicy", shown, isStorable && text.Length <= 200, () => SnapshotPolicy.Of<string>(text, 1, 1).Name == text);
        await AcceptsAsync("EventTypeRegistry", shown, isStorable && text.Length <= 200, () => new EventTypeRegistry().Add<Moved>(text).NameOf(typeof(Moved)) == text);
        await AcceptsAsync(
            "PostgreSqlOptions.Schema",
            shown,
            text.Length is > 0 and < 64 && text.All(one => one is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_') && !char.IsDigit(text[0]) && !text.StartsWith("pg_", StringComparison.Ordinal),
            () => PostgreSqlSchema.Script(text).Contains($"create schema if not exists \"{text}\";", StringComparison.Ordinal));
        await trial.OnceAsync("Checkpoint.Parse", shown, () => Answer(() => Checkpoint.Parse(text).ToString()));
        await trial.OnceAsync("EventFilter", shown, () => Answer(() => new EventFilter { Categories = [text], EventTypes = [text] }.Matches("a-1", "b", []).ToString()));
    }

    private async Task NumbersAsync(long one, long two)
    {
        var shown = $"{one}, {two}";
        await AcceptsAsync("StreamVersion", shown, one >= 0, () => new StreamVersion(one).Value == one);
        await AcceptsAsync("LogPosition", shown, one >= 0, () => new LogPosition(one).Value == one);
        await AcceptsAsync("ExpectedVersion.At", shown, one >= 0, () => ExpectedVersion.At(one).Version.Value == one);
        await AcceptsAsync("StreamReadOptions.MaxCount", shown, (int)one >= 1, () => new StreamReadOptions { MaxCount = (int)one }.MaxCount == (int)one);
        await AcceptsAsync("LogReadOptions.PageSize", shown, (int)one >= 1, () => new LogReadOptions { PageSize = (int)one }.PageSize == (int)one);
        await AcceptsAsync("SubscriptionOptions.PageSize", shown, (int)one >= 1, () => new SubscriptionOptions { PageSize = (int)one }.PageSize == (int)one);
        await AcceptsAsync("StreamShard", shown, (int)two is >= 1 and <= 1024 && (int)one >= 0 && (int)one < (int)two, () =>
            new StreamShard((int)one, (int)two) is var shard && shard.Index == (int)one && shard.Count == (int)two && shard.FirstBucket < shard.EndBucket);
        await trial.OnceAsync("StreamVersion.Add", shown, () => Answer(() => new StreamVersion(Math.Max(0, one)).Add(two).ToString()));
        await trial.OnceAsync("StreamAppend", shown, () => Answer(() =>
            new StreamAppend("a-1", ExpectedVersion.At(Math.Max(0, one)), [new EventData(Guid.NewGuid(), "t", "{}"u8.ToArray())]).Expected.ToString()));
    }

    private async Task EventAsync(string type, byte[] data, byte[] metadata)
    {
        await AcceptsAsync(
            "EventData",
            $"{Trial.Show(type)} {Trial.Show(data)} {Trial.Show(metadata)}",
            IsStorable(type) && type.Length <= 200 && HostileJson.IsJson(data) && (metadata.Length == 0 || HostileJson.IsJson(metadata, isObject: true)),
            () => new EventData(Guid.NewGuid(), type, data, metadata) is var made
                && made.Type == type && made.Data.Span.SequenceEqual(data) && made.Metadata.Span.SequenceEqual(metadata));

        // Metadata that this library has written itself comes back as it was.
        var written = new EventMetadata
        {
            CommandId = texts.Next(), CorrelationId = texts.Next(), CausationId = texts.Next(), Actor = type, TraceParent = texts.Next(), TraceState = texts.Next(),
            Custom = new Dictionary<string, string> { [texts.Next()] = texts.Next(), ["actor"[..random.Next(1, 6)]] = texts.Next() },
        };
        var outcome = await trial.OnceAsync("EventMetadata", Trial.Show(written.ToString()), () => Answer(() => AreSame(written, ReadBack(written)) ? "same" : "different"));
        trial.Require(outcome != "= different", "Metadata come back differently", Trial.Show(string.Join('|', written.Custom.Select(one => one.Key + "=" + one.Value)) + written));
    }

    private async Task MessageAsync(string name, string value, byte[] body)
    {
        var isName = IsStorable(name) && Encoding.UTF8.GetByteCount(name) <= PublicMessage.MaxNameBytes;
        await AcceptsAsync(
            "PublicMessage",
            $"{Trial.Show(name)} {Trial.Show(value)} {Trial.Show(body)}",
            isName && IsStorable(value) && HostileJson.IsJson(body) && name is not ("key" or "causation-id" or "occurred-at" or "traceparent"),
            () => new PublicMessage
            {
                Id = Guid.NewGuid(), Topic = name, Type = name, Body = body, OccurredAt = DateTimeOffset.MaxValue, Key = value,
                Headers = new Dictionary<string, string> { [name] = value }, CorrelationId = name, CausationId = name,
            }.Headers[name] == value);
    }

    /// <summary>It is taken and kept where it should be, and refused as an argument or by its format where not.</summary>
    private async Task AcceptsAsync(string what, string input, bool isFit, Func<bool> make)
    {
        var outcome = await trial.OnceAsync(what, input, () => Answer(() => make().ToString()));
        trial.Require(
            isFit ? outcome == "= True" : outcome is "! ArgumentException" or "! ArgumentNullException" or "! ArgumentOutOfRangeException" or "! FormatException",
            $"{what} is {(isFit ? "not taken or not kept" : "taken")}",
            $"for {input}: {outcome}");
        trial.Run.Checked("values");
    }

    private long Number() => random.Next(9) switch
    {
        0 => 0,
        1 => 1,
        2 => -1,
        3 => long.MaxValue,
        4 => long.MinValue,
        5 => int.MaxValue,
        6 => long.MaxValue - random.Next(3),
        7 => random.NextInt64(),
        _ => random.Next(1, 1_030),
    };

    /// <summary>By another rule than the library's: what UTF-8 can express, and PostgreSQL store.</summary>
    private static bool IsStorable(string text)
    {
        if (text.Length == 0 || text.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(text) > 0;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    private static EventMetadata ReadBack(EventMetadata metadata)
    {
        var data = Projections.Serializer.Serialize(new Closed(), metadata);
        return Projections.Serializer.Deserialize(new RecordedEvent
        {
            Stream = "a-1", Version = new StreamVersion(1), Position = new LogPosition(1), Id = data.Id, Type = data.Type, Data = data.Data, Metadata = data.Metadata,
            RecordedAt = default,
        }).Metadata;
    }

    private static bool AreSame(EventMetadata one, EventMetadata other) =>
        one with { Custom = other.Custom } == other && one.Custom.Count == other.Custom.Count
        && one.Custom.All(entry => other.Custom.TryGetValue(entry.Key, out var value) && value == entry.Value);

    private static Task<string> Answer(Func<string> make) => Task.FromResult(make());
}
