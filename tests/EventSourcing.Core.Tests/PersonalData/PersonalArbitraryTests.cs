using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventSourcing;

/// <summary>Whatever a value is, it comes back, and nothing of it can be seen in what is stored.</summary>
public sealed class PersonalArbitraryTests
{
    private readonly PersonalWorld world = new(new EventTypeRegistry().Add<Any>());

    [Fact]
    public void Whatever_is_personal_comes_back_as_it_was()
    {
        var seed = Environment.TickCount;
        for (var round = 0; round < 3000; round++)
        {
            var random = new Random(seed + round);
            var any = new Any(Subject(random), Text(random), Json(random, 0), Json(random, 0)) { Plain = Json(random, 0) };
            var because = $"the seed is {seed + round}";

            var data = world.Serializer.Serialize(any);
            var again = (Any)world.Read("any", PersonalWorld.Text(data));

            again.Subject.Should().Be(any.Subject, because);
            again.Text.Should().Be(any.Text, because);
            Shown(again.One).Should().Be(Shown(any.One), because);
            Shown(again.Two).Should().Be(Shown(any.Two), because);
            Shown(again.Plain).Should().Be(Shown(any.Plain), because);
            JsonDocument.Parse(data.Data).RootElement.EnumerateObject().Select(property => property.Name).Should().Equal(["subject", "text", "one", "two", "plain"], because);
        }
    }

    private static string Shown(JsonNode? node) => node?.ToJsonString() ?? "null";

    private static string Subject(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => Rune(random, control: false)));

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(0, 200)).Select(_ => Rune(random, control: true)));

    private static string Rune(Random random, bool control) => random.Next(8) switch
    {
        0 => "\"",
        1 => "\\",
        2 => "$personal",
        3 => control ? "{\"$personal\":{\"v\":" : "{",
        4 => new Rune(random.Next(0x1F300, 0x1F600)).ToString(),
        5 when control => ((char)random.Next(0, 32)).ToString(),
        6 => ((char)random.Next(0xA0, 0xD000)).ToString(),
        _ => ((char)random.Next(32, 127)).ToString(),
    };

    private static JsonNode? Json(Random random, int depth) => random.Next(depth > 3 ? 5 : 7) switch
    {
        0 => null,
        1 => random.Next(),
        2 => random.Next(2) == 0,
        3 => random.NextDouble(),
        4 => Text(random),
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(5)).Select(_ => Json(random, depth + 1))]),
        _ => Object(random, depth),
    };

    private static JsonObject Object(Random random, int depth)
    {
        var made = new JsonObject();
        for (var i = random.Next(5); i > 0; i--)
        {
            // Not an object under this name, which is the library's own.
            var name = Text(random);
            made[name] = name == "$personal" ? 1 : Json(random, depth + 1);
        }

        return made;
    }

    [EventType("any")]
    public sealed record Any([property: DataSubject] string Subject, [property: PersonalData] string Text, [property: PersonalData] JsonNode? One, [property: PersonalData] JsonNode? Two)
    {
        public JsonNode? Plain { get; init; }
    }
}
