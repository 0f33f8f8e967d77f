using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EventSourcing.InMemory;

namespace EventSourcing;

/// <summary>Marks that would do nothing, stored data that was tampered with, and what must not be told.</summary>
public sealed class PersonalMisuseTests
{
    private const string Secret = "Ada Lovelace";

    private readonly PersonalWorld world = new(new EventTypeRegistry()
        .Add<Named>("named").Add<NoSubject>("no-subject").Add<TwoSubjects>("two-subjects").Add<NoSuchSubject>("no-such-subject").Add<SelfSubject>("self-subject").Add<Converted>("converted").Add<Extended>("extended").Add<Anything>("anything")
        .Add<Picky>("picky").Add<PickyPart>("picky-part").Add<Hidden>("hidden").Add<Listed>("listed"));

    [Fact]
    public void Without_keys_nothing_that_is_marked_is_written_or_read()
    {
        var bare = new EventSerializer(world.Types);
        var json = world.Write(new Named("ada", Secret));

        FluentActions.Invoking(() => bare.Serialize(new Named("ada", Secret))).Should().Throw<EventSerializationException>().WithMessage("*AddPersonalData*");
        FluentActions.Invoking(() => bare.Deserialize(PersonalWorld.Recorded("named", json))).Should().Throw<EventSerializationException>().WithMessage("*AddPersonalData*");
        FluentActions.Invoking(() => bare.Deserialize(PersonalWorld.Recorded("named", """{"id":"ada","name":"plain"}"""))).Should().Throw<EventSerializationException>();
        FluentActions.Invoking(() => bare.SerializeView(new Named("ada", Secret))).Should().Throw<PersonalDataException>();
    }

    [Fact]
    public void A_mark_that_would_do_nothing_is_refused()
    {
        Refusal(new NoSubject(Secret)).Should().Contain("NoSubject is personal, and nothing says whose it is");
        Refusal(new TwoSubjects("a", "b", Secret)).Should().Contain("both A and B are its [DataSubject]");
        Refusal(new NoSuchSubject("a", Secret)).Should().Contain("has no property Nobody");
        Refusal(new SelfSubject(Secret)).Should().Contain("is itself a subject");
        Refusal(new Converted("a", Secret)).Should().Contain("a converter of its own");
        Refusal(new Extended("a") { More = new() { ["x"] = default } }).Should().Contain("extension data");
        Refusal(new Listed("a", [Secret])).Should().Contain("it is a collection");
        Refusal(new Named(null!, Secret)).Should().Contain("'id' of").And.Contain("is null");
        Refusal(new Named("", Secret)).Should().Contain("'id' of");
        Refusal(new Named(new string('x', 193), Secret)).Should().Contain("at most 200");
        FluentActions.Invoking(() => new EventTypeRegistry().Add<Tagged>("tagged")).Should().Throw<InvalidOperationException>().WithMessage("*Name is personal data, and a tag is stored as it stands*");
        FluentActions.Invoking(() => new EventTypeRegistry().Add<TaggedWhole>("tagged-whole")).Should().Throw<InvalidOperationException>().WithMessage("*Mail is personal data*");
        new EventTypeRegistry().Add<TaggedSubject>("tagged-subject");
    }

    [Theory]
    [InlineData("""{"$personal":{"v":1,"data":"","subject":"ada"}}""")]
    [InlineData("""[{ "$personal" : { "x": 1 } }]""")]
    public void What_only_looks_like_stored_personal_data_is_refused(string json)
    {
        Refusal(new Anything("a", JsonNode.Parse(json)!)).Should().Contain("looks like stored personal data");
        Refusal(new Hidden("a", JsonNode.Parse(json)!)).Should().Contain("looks like stored personal data");
    }

    [Theory]
    [InlineData("""{"$personal":5}""")]
    [InlineData("""{"personal":{"$personal":[]}}""")]
    [InlineData("""["$personal","{\"$personal\":{\"v\":1}}"]""")]
    [InlineData("""{"a\"$personal":{"v":1}}""")]
    public void What_does_not_is_left_alone(string json)
    {
        var relaxed = new PersonalWorld(world.Types, new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
        foreach (var one in new[] { world, relaxed })
        {
            one.Again(new Anything("a", JsonNode.Parse(json)!)).Value.ToJsonString().Should().Be(JsonNode.Parse(json)!.ToJsonString());
            one.Again(new Hidden("a", JsonNode.Parse(json)!)).Value.ToJsonString().Should().Be(JsonNode.Parse(json)!.ToJsonString());
        }
    }

    [Fact]
    public void What_can_be_written_can_be_read_however_deep_it_is()
    {
        var refused = 0;
        for (var depth = 55; depth < 70; depth++)
        {
            JsonNode deep = "end";
            for (var i = 0; i < depth; i++)
            {
                deep = i % 2 == 0 ? new JsonArray(deep) : new JsonObject { ["in"] = deep };
            }

            try
            {
                world.Write(new Anything("a", deep.DeepClone()));
            }
            catch (EventSerializationException)
            {
                refused++;
                FluentActions.Invoking(() => world.Write(new Hidden("a", deep))).Should().Throw<EventSerializationException>();
                continue;
            }

            world.Again(new Hidden("a", deep)).Value.ToJsonString().Should().Be(deep.ToJsonString(), $"it could be written with {depth} levels");
        }

        refused.Should().BeInRange(4, 10);
    }

    [Fact]
    public void Whatever_is_done_to_stored_data_is_found_out()
    {
        var ada = JsonNode.Parse(world.Write(new Named("ada", Secret)))!;
        var bob = JsonNode.Parse(world.Write(new Named("bob", "Bob")))!;
        var data = ada["name"]!["$personal"]!["data"]!.GetValue<string>();
        var bytes = Convert.FromBase64String(data);

        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = (byte[])bytes.Clone();
            changed[i] ^= 1;
            Broken(ada, marker => marker["data"] = Convert.ToBase64String(changed)).Should().Contain("cannot be decrypted");
        }

        Broken(ada, marker => marker["data"] = bob["name"]!["$personal"]!["data"]!.GetValue<string>()).Should().Contain("cannot be decrypted");
        Broken(ada, marker => marker["subject"] = "bob").Should().Contain("Personal data of subject 'bob' cannot be decrypted");
        Broken(ada, marker => marker["subject"] = "nobody").Should().Contain("There is no key of subject 'nobody'");
        Broken(ada, marker => marker["data"] = data[..^3]).Should().Contain("base64");
        Broken(ada, marker => marker["data"] = "").Should().Contain("cannot be decrypted");
        Broken(ada, marker => marker["data"] = 5).Should().Contain("damaged");
        Broken(ada, marker => marker["subject"] = null).Should().Contain("damaged");
        Broken(ada, marker => marker["v"] = 2).Should().Contain("stored in format 2");
        Broken(ada, marker => marker["v"] = "one").Should().Contain("damaged");
        Broken(ada, marker => marker.Remove("v")).Should().Contain("damaged");
        Broken(ada, marker => marker.Remove("data")).Should().Contain("damaged");
        Broken(ada, marker => marker.Parent!.AsObject()["more"] = 1).Should().Contain("damaged");
        var cut = ada.ToJsonString()[..^4];
        FluentActions.Invoking(() => world.Read("named", cut)).Should().Throw<EventSerializationException>();
    }

    [Fact]
    public async Task Data_and_keys_are_nobody_else_s_even_where_the_key_is_the_same()
    {
        var keys = new SubjectKeys(new InMemorySubjectKeyStore(), new PersonalDataOptions { MasterKey = new OneForAll() });
        var serializer = new EventSerializer(world.Types, keys: keys);
        var stored = PersonalWorld.Text(serializer.Serialize(new Named("ada", Secret)));
        serializer.Serialize(new Named("bob", "Bob"));
        serializer.Deserialize(PersonalWorld.Recorded("named", stored)).Event.Should().Be(new Named("ada", Secret));

        FluentActions.Invoking(() => serializer.Deserialize(PersonalWorld.Recorded("named", stored.Replace("\"subject\":\"ada\"", "\"subject\":\"bob\"", StringComparison.Ordinal))))
            .Should().Throw<EventSerializationException>().WithMessage("*cannot be decrypted*");

        var master = new AesMasterKey("a", new byte[32]);
        var wrapped = await master.WrapAsync(new byte[32], "ada", default);
        (await master.UnwrapAsync(wrapped, "ada", default)).ToArray().Should().Equal(new byte[32]);
        await FluentActions.Awaiting(() => master.UnwrapAsync(wrapped, "bob", default).AsTask()).Should().ThrowAsync<CryptographicException>();
    }

    [Fact]
    public void What_personal_data_says_is_told_to_nobody()
    {
        var json = world.Write(new Picky("ada", "fine"));
        Picky.IsStrict = true;
        try
        {
            var unreadable = FluentActions.Invoking(() => world.Read("picky", json)).Should().Throw<EventSerializationException>().Which;
            unreadable.ToString().Should().NotContain("fine").And.Contain("stream-1");
            unreadable.Position.Should().Be(new LogPosition(17));
            unreadable.InnerException.Should().BeNull();

            var state = world.Serializer.SerializeView(new Named("ada", "fine"));
            FluentActions.Invoking(() => world.Serializer.DeserializeView<Picky>(state)).Should().Throw<JsonException>().Which.ToString().Should().NotContain("fine");
        }
        finally
        {
            Picky.IsStrict = false;
        }

        var unwritable = FluentActions.Invoking(() => world.Write(new PickyPart("ada", new Part(Secret)))).Should().Throw<EventSerializationException>().Which;
        unwritable.ToString().Should().NotContain(Secret).And.Contain("'part' of");
    }

    [Fact]
    public void Options_that_cannot_be_are_refused()
    {
        var store = new InMemorySubjectKeyStore();
        SubjectKeys Keys(Action<PersonalDataOptions> configure)
        {
            var options = new PersonalDataOptions { MasterKey = new AesMasterKey("a", new byte[32]) };
            configure(options);
            return new SubjectKeys(store, options);
        }

        FluentActions.Invoking(() => Keys(options => options.MasterKey = null)).Should().Throw<InvalidOperationException>().WithMessage("*needs a master key*");
        FluentActions.Invoking(() => Keys(options => options.KeyLifetime = TimeSpan.Zero)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Keys(options => options.MaxKeys = 0)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Keys(options => options.ForgottenText = "\ud800")).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Keys(options => options.EarlierMasterKeys.Add(new AesMasterKey("a", new byte[32])))).Should().Throw<InvalidOperationException>().WithMessage("*Two master keys*'a'*");
        FluentActions.Invoking(() => new AesMasterKey("a", new byte[16])).Should().Throw<ArgumentException>().WithMessage("*32 bytes*");
        FluentActions.Invoking(() => new AesMasterKey("", new byte[32])).Should().Throw<ArgumentException>();
    }

    private string Refusal(object @event) =>
        FluentActions.Invoking(() => world.Serializer.Serialize(@event)).Should().Throw<EventSerializationException>().Which.Message;

    private string Broken(JsonNode stored, Action<JsonObject> change)
    {
        var copy = stored.DeepClone();
        change(copy["name"]!["$personal"]!.AsObject());
        return FluentActions.Invoking(() => world.Read("named", copy.ToJsonString())).Should().Throw<EventSerializationException>().Which.Message;
    }

    public sealed record Named([property: DataSubject] string Id, [property: PersonalData] string Name);

    public sealed record NoSubject([property: PersonalData] string Name);

    public sealed record TwoSubjects([property: DataSubject] string A, [property: DataSubject] string B, [property: PersonalData] string Name);

    public sealed record NoSuchSubject(string Id, [property: PersonalData(Subject = "Nobody")] string Name);

    public sealed record SelfSubject([property: PersonalData, DataSubject] string Name);

    [PersonalData, JsonConverter(typeof(OwnConverter))]
    public sealed record Converted([property: DataSubject] string Id, string Name);

    [PersonalData]
    public sealed record Extended([property: DataSubject] string Id)
    {
        [JsonExtensionData]
        public Dictionary<string, JsonElement>? More { get; init; }
    }

    [PersonalData]
    public sealed class Names : List<string>;

    public sealed record Listed([property: DataSubject] string Id, Names Names);

    public sealed record Anything([property: DataSubject] string Id, JsonNode Value);

    public sealed record Hidden([property: DataSubject] string Id, [property: PersonalData] JsonNode Value);

    public sealed record Tagged([property: DataSubject] string Id, [property: PersonalData, Tag("name")] string Name);

    [PersonalData]
    public sealed record TaggedWhole([property: DataSubject] string Id, [Tag("mail")] string Mail);

    [PersonalData]
    public sealed record TaggedSubject([property: DataSubject] [Tag("customer")] string Id, string Mail);

    public sealed record Picky
    {
        public Picky(string id, string name)
        {
            Id = id;
            Name = IsStrict ? throw new ArgumentException($"'{name}' is no name.") : name;
        }

        public static bool IsStrict { get; set; }

        [DataSubject]
        public string Id { get; }

        [PersonalData]
        public string Name { get; }
    }

    public sealed record PickyPart([property: DataSubject] string Id, [property: PersonalData] Part Part);

    [JsonConverter(typeof(PartConverter))]
    public sealed record Part(string Text);

    /// <summary>A master key that gives every subject the same key.</summary>
    private sealed class OneForAll : IMasterKey
    {
        public string Id => "one for all";

        public ValueTask<ReadOnlyMemory<byte>> WrapAsync(ReadOnlyMemory<byte> key, string subject, CancellationToken cancellationToken) => new(new byte[32]);

        public ValueTask<ReadOnlyMemory<byte>> UnwrapAsync(ReadOnlyMemory<byte> wrapped, string subject, CancellationToken cancellationToken) => new(new byte[32]);
    }

    private sealed class OwnConverter : JsonConverter<Converted>
    {
        public override Converted Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!, "");

        public override void Write(Utf8JsonWriter writer, Converted value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name);
    }

    private sealed class PartConverter : JsonConverter<Part>
    {
        public override Part Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, Part value, JsonSerializerOptions options) => throw new JsonException($"'{value.Text}' cannot be written.");
    }
}
