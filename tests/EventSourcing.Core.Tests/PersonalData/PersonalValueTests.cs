using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace EventSourcing;

/// <summary>Which values can be personal, what they read as, and what they read as when forgotten.</summary>
public sealed partial class PersonalValueTests
{
    private static readonly Guid Id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");

    private readonly PersonalWorld world = new(new EventTypeRegistry()
        .Add<Everything>().Add<Whole>().Add<Deep>().Add<Optional>().Add<Family>().Add<Lifted>().Upcast());

    public enum Mood
    {
        Unknown,
        Merry,
    }

    [Fact]
    public void Values_of_every_kind_are_read_as_they_were_written_and_as_something_of_their_type_when_forgotten()
    {
        var one = new Everything(Id, "Ada \"\u00e4\ud83c\udf89 {\"$personal\":{\"v\":1}}", 42, 1.5m, true, new DateOnly(1815, 12, 10), DateTimeOffset.UnixEpoch, Id, Mood.Merry, Mood.Merry, 7)
        {
            Names = ["a", "b"],
            Phones = new() { ["home"] = "1" },
            Picture = [1, 2, 3],
            Home = new Place("street", 3),
            Anything = JsonDocument.Parse("{\"a\":[1]}").RootElement,
            Spelled = 3,
        };
        var json = world.Write(one);
        JsonNode.Parse(json)!.AsObject().Where(property => property.Key is not "id").Should().OnlyContain(property => property.Value is JsonObject && property.Value["$personal"] != null);

        world.Again(one).Should().BeEquivalentTo(one, options => options.ComparingByMembers<Everything>().Excluding(all => all.Anything));
        world.Again(one).Anything!.Value.GetRawText().Should().Be("{\"a\":[1]}");

        var forgotten = world.AfterForgetting(one, Id.ToString());
        forgotten.Should().BeEquivalentTo(
            new Everything(Id, "[forgotten]", 0, 0, false, default, default, Guid.Empty, Mood.Unknown, null, null)
            {
                Names = [],
                Phones = [],
                Picture = null,
                Home = null,
                Spelled = 0,
            },
            options => options.ComparingByMembers<Everything>().Excluding(all => all.Anything));
        forgotten.Anything.Should().BeNull();
    }

    [Fact]
    public void Of_a_marked_class_everything_is_personal_but_its_subject()
    {
        var whole = new Whole("ada", "Ada", new Place("street", 3), [new Place("other", 4)], new() { ["work"] = new Place("third", 5) });
        var json = JsonNode.Parse(world.Write(whole))!;
        json["id"]!.GetValue<string>().Should().Be("ada");
        json["name"]!["$personal"].Should().NotBeNull();
        world.Again(whole).Should().BeEquivalentTo(whole);
        world.AfterForgetting(whole, "ada").Should().BeEquivalentTo(new Whole("ada", "[forgotten]", null, [], []));
    }

    [Fact]
    public void What_is_inside_is_the_subject_s_of_the_nearest_object_that_has_one()
    {
        var deep = new Deep("ada", [new Child("bob", "Bob", new Marked("b")), new Child("carl", "Carl", null)], new() { ["x"] = new Marked("a") }, new Wrapping(new Marked("w")));
        var data = world.Serializer.Serialize(deep);
        data.Tags.Select(tag => tag.Value).Should().BeEquivalentTo("subject:ada", "subject:bob", "subject:carl");
        world.Again(deep).Should().BeEquivalentTo(deep);

        world.AfterForgetting(deep, "bob").Should().BeEquivalentTo(deep with { Children = [new Child("bob", "[forgotten]", new Marked("[forgotten]")), deep.Children[1]] });
        ((Deep)world.Read("deep", PersonalWorld.Text(data))).Plain["x"].Should().Be(new Marked("a"));
        world.Forget("ada");
        var left = (Deep)world.Read("deep", PersonalWorld.Text(data));
        left.Plain["x"].Should().Be(new Marked("[forgotten]"));
        left.Wrapping.Marked.Should().Be(new Marked("[forgotten]"));
        left.Children[1].Should().Be(deep.Children[1]);
    }

    [Fact]
    public void Data_of_another_subject_within_personal_data_goes_with_either()
    {
        var family = new Family("ada", [new Child("bob", "Bob", null)], new Marked("own"));
        var data = world.Serializer.Serialize(family);
        PersonalMarker.CountIn(data.Data.Span).Should().Be(2, "what is inside is encrypted once more where it is another subject's");
        ((Family)world.Read("family", PersonalWorld.Text(data))).Should().BeEquivalentTo(family);

        world.Forget("bob");
        ((Family)world.Read("family", PersonalWorld.Text(data))).Should().BeEquivalentTo(family with { Children = [new Child("bob", "[forgotten]", null)] });
        world.Forget("ada");
        ((Family)world.Read("family", PersonalWorld.Text(data))).Should().BeEquivalentTo(new Family("ada", [], null));
    }

    [Fact]
    public void Null_stays_null_and_what_is_left_out_stays_out()
    {
        world.Write(new Optional("ada", null, null)).Should().Be("""{"id":"ada","name":null}""");
        world.Write(new Optional("", null, null)).Should().Be("""{"id":"","name":null}""", "a subject is asked for where there is something of it");
        world.Serializer.Serialize(new Optional("ada", null, null)).Tags.Should().BeEmpty();
        world.Again(new Optional("ada", "Ada", "A.")).Should().Be(new Optional("ada", "Ada", "A."));
    }

    [Fact]
    public void Upcasters_see_what_was_written_and_what_was_stored_as_plain_text_before_is_read()
    {
        var json = world.Write(new Optional("ada", "Ada", null));
        world.Read("lifted-from", json).Should().Be(new Lifted("ada", "ADA"));
        world.Read("optional", """{"id":"ada","name":"plain"}""").Should().Be(new Optional("ada", "plain", null));
        world.Forget("ada");
        world.Read("lifted-from", json).Should().Be(new Lifted("ada", "[FORGOTTEN]"));
    }

    [Fact]
    public void Source_generated_contexts_are_encrypted_as_reflection_is()
    {
        var generated = new PersonalWorld(
            new EventTypeRegistry().Add<Whole>().Add<Optional>(),
            new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, TypeInfoResolver = PersonalContext.Default });
        var whole = new Whole("ada", "Ada", new Place("street", 3), [], []);
        var json = generated.Write(whole);
        json.Should().NotContain("Ada").And.NotContain("street");
        generated.Again(whole).Should().BeEquivalentTo(whole);
        generated.AfterForgetting(whole, "ada").Should().BeEquivalentTo(new Whole("ada", "[forgotten]", null, [], []));
        generated.Write(new Optional("bob", null, null)).Should().Be("""{"id":"bob","name":null}""");
    }

    [Fact]
    public void White_space_and_another_order_of_members_change_nothing()
    {
        var indented = new PersonalWorld(new EventTypeRegistry().Add<Optional>(), new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase });
        indented.Again(new Optional("ada", "Ada", "A.")).Should().Be(new Optional("ada", "Ada", "A."));

        var inner = JsonNode.Parse(world.Write(new Optional("ada", "Ada", null)))!["name"]!["$personal"]!.AsObject();
        var turned = new JsonObject(inner.Reverse().Select(one => KeyValuePair.Create(one.Key, one.Value?.DeepClone())));
        var json = new JsonObject { ["id"] = "ada", ["name"] = new JsonObject { ["$personal"] = turned } }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
        world.Read("optional", json).Should().Be(new Optional("ada", "Ada", null));
    }

    [EventType("everything")]
    public sealed record Everything(
        [property: DataSubject] Guid Id,
        [property: PersonalData] string Text,
        [property: PersonalData] int Number,
        [property: PersonalData] decimal Amount,
        [property: PersonalData] bool Flag,
        [property: PersonalData] DateOnly Born,
        [property: PersonalData] DateTimeOffset At,
        [property: PersonalData] Guid Other,
        [property: PersonalData, JsonConverter(typeof(JsonStringEnumConverter<Mood>))] Mood Mood,
        [property: PersonalData] Mood? Maybe,
        [property: PersonalData] long? Perhaps)
    {
        [PersonalData]
        public required List<string> Names { get; init; }

        [PersonalData]
        public Dictionary<string, string> Phones { get; init; } = [];

        [PersonalData]
        public byte[]? Picture { get; init; }

        [PersonalData]
        public required Place? Home { get; init; }

        [PersonalData]
        public JsonElement? Anything { get; init; }

        [PersonalData, JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
        public int Spelled { get; init; }
    }

    public sealed record Place(string Street, int Number);

    [EventType("whole"), PersonalData]
    public sealed record Whole([property: DataSubject] string Id, string Name, Place? Home, Place[] Others, Dictionary<string, Place> Named);

    [PersonalData]
    public sealed record Marked(string Text);

    public sealed record Wrapping(Marked Marked);

    public sealed record Child([property: DataSubject] string Key, [property: PersonalData] string Name, Marked? Marked);

    [EventType("deep")]
    public sealed record Deep([property: DataSubject] string Id, Child[] Children, Dictionary<string, Marked> Plain, Wrapping Wrapping);

    [EventType("family")]
    public sealed record Family([property: DataSubject] string Id, [property: PersonalData] Child[] Children, [property: PersonalData] Marked? Own);

    [EventType("optional")]
    public sealed record Optional(
        [property: DataSubject] string Id,
        [property: PersonalData] string? Name,
        [property: PersonalData, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Nick);

    [EventType("lifted")]
    public sealed record Lifted(string Id, string Name);

    [JsonSerializable(typeof(Whole))]
    [JsonSerializable(typeof(Optional))]
    internal sealed partial class PersonalContext : JsonSerializerContext;
}

internal static class PersonalUpcasts
{
    public static EventTypeRegistry Upcast(this EventTypeRegistry types)
    {
        types.Upcasters.AddJson("lifted-from", "lifted", (json, _) => json["name"] = json["name"]!.GetValue<string>().ToUpperInvariant());
        return types;
    }
}
