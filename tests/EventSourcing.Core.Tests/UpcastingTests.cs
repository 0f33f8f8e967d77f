using System.Text;
using System.Text.Json.Nodes;

namespace EventSourcing;

/// <summary>Stored events of older shapes, read by an application that has moved on.</summary>
public sealed class UpcastingTests
{
    private static readonly StreamName Stream = new("order-1");

    [Fact]
    public void A_version_is_part_of_the_stored_name()
    {
        new EventTypeRegistry().Add<Ordered>().NameOf(typeof(Ordered)).Should().Be("ordered@3");
        new EventTypeRegistry().Add<Moved>().NameOf(typeof(Moved)).Should().Be("moved");
    }

    [Fact]
    public void Json_is_lifted_step_by_step_and_then_read()
    {
        var types = new EventTypeRegistry().Add<Ordered>();
        types.Upcasters
            .AddJson("orderd", "ordered")
            .AddJson("ordered", "ordered@2", (payload, _) => payload["currency"] = "EUR")
            .AddJson("ordered@2", "ordered@3", (payload, context) => payload["by"] = context.Metadata.Actor);

        Read(types, "orderd", """{"total":1.50}""", """{"actor":"clerk"}""").Should().Equal(new Ordered(1.50m, "EUR", "clerk"));
        Read(types, "ordered@2", """{"total":2,"currency":"CHF"}""").Should().Equal(new Ordered(2, "CHF", null));
        Read(types, "ordered@3", """{"total":3,"currency":"CHF","by":"x"}""").Should().Equal(new Ordered(3, "CHF", "x"));
        types.StoredNamesOf(typeof(Ordered)).Should().BeEquivalentTo("orderd", "ordered", "ordered@2", "ordered@3");
    }

    [Fact]
    public void A_class_is_lifted_to_another_one_and_that_to_several()
    {
        var types = new EventTypeRegistry().Add<Moved>().Add<Street>().Add<City>().Add<Relocated>("relocated");
        types.Upcasters
            .Add<Moved, Relocated>((old, context) => new Relocated(old.To + "/" + context.Version))
            .AddMany<Relocated>((old, _) => [new Street(old.Where.Split('/')[0]), new City(old.Where.Split('/')[1])], typeof(Street), typeof(City));

        var events = new EventSerializer(types).DeserializeAll(Recorded("moved", """{"to":"Main St"}"""));

        events.Select(envelope => envelope.Event).Should().Equal(new Street("Main St"), new City("7"));
        events.Select(envelope => envelope.Part).Should().Equal(0, 1);
        events.Select(envelope => envelope.PartId).Should().OnlyHaveUniqueItems().And.StartWith(events[0].Id);
        types.StoredNamesOf(typeof(City)).Should().BeEquivalentTo("city", "moved", "relocated");
        FluentActions.Invoking(() => new EventSerializer(types).Deserialize(Recorded("moved", """{"to":"x"}""")))
            .Should().Throw<InvalidOperationException>().WithMessage("*DeserializeAll*");
    }

    [Fact]
    public void Json_becomes_several_events_or_none()
    {
        var types = new EventTypeRegistry().Add<Street>().Add<City>();
        types.Upcasters
            .AddJsonMany("noise", (_, _) => [])
            .AddJsonMany(
                "address",
                (payload, _) => [new EventJson("street", new JsonObject { ["name"] = (string?)payload["street"] }), new EventJson("town", new JsonObject { ["name"] = (string?)payload["city"] })],
                "street",
                "town")
            .AddJson("town", "city");

        Read(types, "noise", "{}").Should().BeEmpty();
        Read(types, "address", """{"street":"a","city":"b"}""").Should().Equal(new Street("a"), new City("b"));
    }

    [Fact]
    public void Numbers_and_text_come_through_json_as_they_were()
    {
        var types = new EventTypeRegistry().Add<Ordered>();
        types.Upcasters.AddJson("ordered", "ordered@3");

        var read = (Ordered)Read(types, "ordered", """{"total":12345678901234567890.1200,"currency":"\u0000\uD83D\uDE00"}""").Single();

        read.Total.ToString(System.Globalization.CultureInfo.InvariantCulture).Should().Be("12345678901234567890.1200");
        read.Currency.Should().Be("\0\ud83d\ude00");
    }

    [Fact]
    public void What_goes_wrong_names_the_event()
    {
        var types = new EventTypeRegistry().Add<Ordered>().Add<Moved>().Add<Street>();
        types.Upcasters
            .AddJson("failing", "ordered@3", (_, _) => throw new InvalidOperationException("no idea"))
            .AddJson("homeless", "nowhere")
            .AddJsonMany("surprising", (payload, _) => [new EventJson("moved", payload)], "ordered@3")
            .AddMany<Moved>((_, _) => [new Ordered(1, null, null)], typeof(Street));

        Fails<EventSerializationException>("failing", "{}", "*upcaster failed: no idea*");
        Fails<EventSerializationException>("failing", "[]", "*JSON object*");
        Fails<UnknownEventTypeException>("homeless", "{}", "*'nowhere'*");
        Fails<EventSerializationException>("surprising", "{}", "*did not declare*");
        Fails<EventSerializationException>("moved", """{"to":"x"}""", "*did not declare*");

        void Fails<TException>(string type, string payload, string message)
            where TException : Exception => FluentActions.Invoking(() => Read(types, type, payload))
                .Should().Throw<TException>().WithMessage(message).WithMessage("*order-1*");
    }

    [Fact]
    public void A_step_is_declared_once_and_never_in_a_circle()
    {
        var upcasters = new EventUpcasters().AddJson("a", "b").AddJson("b", "c").Add<Moved, Street>(old => new Street(old.To));

        FluentActions.Invoking(() => upcasters.AddJson("a", "d")).Should().Throw<InvalidOperationException>().WithMessage("*already*");
        FluentActions.Invoking(() => upcasters.AddJson("c", "a")).Should().Throw<InvalidOperationException>().WithMessage("*for ever*");
        FluentActions.Invoking(() => upcasters.AddJson("d", "d")).Should().Throw<InvalidOperationException>().WithMessage("*for ever*");
        FluentActions.Invoking(() => upcasters.Add<Street, Moved>(old => new Moved(old.Name))).Should().Throw<InvalidOperationException>().WithMessage("*for ever*");
        FluentActions.Invoking(() => upcasters.AddJson("", "x")).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => upcasters.AddJson("e", "")).Should().Throw<ArgumentException>();
        upcasters.AddJson("c", "d").Should().BeSameAs(upcasters, "a refused step changes nothing");
    }

    [Fact]
    public void Members_that_stored_events_lack_have_their_defaults()
    {
        var types = new EventTypeRegistry().Add<Ordered>().Add<Defaulted>("defaulted");

        Read(types, "defaulted", "{}").Should().Equal(new Defaulted());
        Read(types, "defaulted", """{"currency":"CHF"}""").Should().Equal(new Defaulted("CHF"));
    }

    private static object[] Read(EventTypeRegistry types, string type, string payload, string metadata = "") =>
        [.. new EventSerializer(types).DeserializeAll(Recorded(type, payload, metadata)).Select(envelope => envelope.Event)];

    private static RecordedEvent Recorded(string type, string payload, string metadata = "") => new()
    {
        Stream = Stream,
        Version = new StreamVersion(7),
        Position = new LogPosition(70),
        Id = Guid.NewGuid(),
        Type = type,
        Data = Encoding.UTF8.GetBytes(payload),
        Metadata = Encoding.UTF8.GetBytes(metadata),
        RecordedAt = DateTimeOffset.UnixEpoch,
    };

    [EventType("ordered", Version = 3)]
    private sealed record Ordered(decimal Total, string? Currency, string? By);

    [EventType("moved")]
    private sealed record Moved(string To);

    private sealed record Relocated(string Where);

    [EventType("street")]
    private sealed record Street(string Name);

    [EventType("city")]
    private sealed record City(string Name);

    private sealed record Defaulted(string Currency = "EUR", int Count = 1);
}
