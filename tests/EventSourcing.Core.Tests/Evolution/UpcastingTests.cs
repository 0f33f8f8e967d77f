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
    public void A_chain_splits_and_splits_again_and_drops_in_the_middle()
    {
        var types = new EventTypeRegistry().Add<Street>().Add<City>();
        types.Upcasters
            .AddJsonMany("moves", (payload, _) => [new("move", payload), new("noise", payload), new("move", payload)], "move", "noise")
            .AddJsonMany("noise", (_, _) => [])
            .AddJson("move", "move@2", (payload, _) => payload["times"] = ((int?)payload["times"] ?? 0) + 1)
            .AddJsonMany("move@2", (payload, _) => [new("street", payload), new("moved-to", payload)], "street", "moved-to")
            .AddJson("moved-to", "city", (payload, _) => payload["name"] = $"{payload["name"]}{payload["times"]}");

        Read(types, "moves", """{"name":"a"}""").Should().Equal([new Street("a"), new City("a1"), new Street("a"), new City("a1")], "what one step changes is its own");
    }

    [Fact]
    public void Of_json_to_classes_to_other_classes_each_takes_its_steps()
    {
        var types = new EventTypeRegistry().Add<Moved>().Add<Street>().Add<City>();
        types.Upcasters
            .AddJsonMany("trip", (payload, _) => [new("moved", new() { ["to"] = (string?)payload["from"] }), new("moved", new() { ["to"] = (string?)payload["to"] })], "moved")
            .AddMany<Moved>((old, _) => old.To == "nowhere" ? [] : [new Relocated(old.To), new City(old.To)], typeof(Relocated), typeof(City))
            .Add<Relocated, Street>(old => new Street(old.Where));

        Read(types, "trip", """{"from":"a","to":"b"}""").Should().Equal(new Street("a"), new City("a"), new Street("b"), new City("b"));
        Read(types, "trip", """{"from":"a","to":"nowhere"}""").Should().Equal(new Street("a"), new City("a"));
        types.StoredNamesOf(typeof(Street)).Should().BeEquivalentTo("street", "moved", "trip");

        // Who has declared one of them is not handed the other.
        var events = new EventSerializer(types).DeserializeAll(Recorded("trip", """{"from":"a","to":"b"}""")).ToList();
        ConsumerFilter.RemoveOthers(events, [typeof(City)], types);
        events.Select(envelope => envelope.Event).Should().Equal(new City("a"), new City("b"));
    }

    [Fact]
    public void A_step_is_told_everything_of_the_stored_event()
    {
        var types = new EventTypeRegistry().Add<City>();
        types.Upcasters.AddJson("town", "place").AddJson("place", "city", (payload, context) => payload["name"] =
            $"{context.Type} {context.Stream} {context.Version} {context.Position} {context.Id} {context.RecordedAt:O} {context.Metadata.Actor}");

        var recorded = Recorded("town", "{}", """{"actor":"clerk"}""");

        new EventSerializer(types).Deserialize(recorded).Event.Should().Be(
            new City($"town order-1 7 70 {recorded.Id} 1970-01-01T00:00:00.0000000+00:00 clerk"));
    }

    [Fact]
    public void What_goes_wrong_names_the_event_and_the_step()
    {
        var types = new EventTypeRegistry().Add<Ordered>().Add<Moved>().Add<Street>();
        types.Upcasters
            .AddJson("first", "failing")
            .AddJson("failing", "ordered@3", (_, _) => throw new TimeoutException("no idea"))
            .AddJson("breaking", "ordered@3", (payload, _) => payload["total"] = "a lot")
            .AddJson("asking", "ordered@3", (payload, context) => payload["by"] = context.Metadata.Actor)
            .AddJsonMany("null", (_, _) => null!, "ordered@3")
            .AddJsonMany("nulls", (_, _) => [null!], "ordered@3")
            .AddJsonMany("bodiless", (_, _) => [new EventJson("ordered@3", null!)], "ordered@3")
            .AddJsonMany("surprising", (payload, _) => [new EventJson("moved", payload)], "ordered@3")
            .AddMany<Moved>((_, _) => [new Ordered(1, null, null)], typeof(Street));

        Fails("first", "{}", "*the upcaster of 'failing' failed: no idea*").WithInnerException<TimeoutException>();
        Fails("failing", "[]", "*JSON object*");
        Fails("failing", "{", "*");
        Fails("breaking", "{}", "*$.total*");
        Fails("null", "{}", "*upcaster of 'null'*null*");
        Fails("nulls", "{}", "*upcaster of 'nulls'*null*");
        Fails("bodiless", "{}", "*upcaster of 'bodiless'*payload*");
        Fails("surprising", "{}", "*upcaster of 'surprising'*'moved'*did not declare*");
        Fails("moved", """{"to":"x"}""", "*upcaster of *Moved*did not declare*");
        FluentActions.Invoking(() => Read(types, "asking", "{}", "[]")).Should().Throw<EventSerializationException>().WithMessage("The metadata of event 'asking'*");

        FluentAssertions.Specialized.ExceptionAssertions<EventSerializationException> Fails(string type, string payload, string message)
        {
            var thrown = FluentActions.Invoking(() => Read(types, type, payload)).Should().Throw<EventSerializationException>().WithMessage(message);
            thrown.WithMessage("*position 70 (stream 'order-1', version 7)*");
            var failure = thrown.Which;
            (failure.EventType, failure.Stream, failure.Version, failure.Position).Should().Be((type, Stream, new StreamVersion(7), new LogPosition(70)));
            return thrown;
        }
    }

    [Fact]
    public void A_name_without_its_step_is_unknown_and_the_newer_one_is_pointed_to()
    {
        var types = new EventTypeRegistry().Add<Ordered>();

        FluentActions.Invoking(() => Read(types, "ordered@2", "{}")).Should().Throw<UnknownEventTypeException>()
            .WithMessage("*'ordered@2'*position 70*order-1*'ordered@3'*AddJson*");
        FluentActions.Invoking(() => Read(types, "orders", "{}")).Should().Throw<UnknownEventTypeException>().Which.Message.Should().NotContain("AddJson");
    }

    [Fact]
    public void Members_that_stored_events_lack_have_their_defaults()
    {
        var types = new EventTypeRegistry().Add<Ordered>().Add<Defaulted>("defaulted").Add<Required>("required");

        Read(types, "defaulted", "{}").Should().Equal(new Defaulted());
        Read(types, "defaulted", """{"currency":"CHF"}""").Should().Equal(new Defaulted("CHF"));
        Read(types, "ordered@3", """{"total":1}""").Should().Equal(new Ordered(1, null, null));
        Read(types, "required", """{"name":"a","more":{}}""").Should().Equal(new Required { Name = "a", Language = "en" });
        FluentActions.Invoking(() => Read(types, "required", "{}")).Should().Throw<EventSerializationException>().WithMessage("*'name'*");
    }

    [Fact]
    public void Members_without_a_default_are_asked_for_where_the_options_say_so()
    {
        var types = new EventTypeRegistry().Add<City>();
        var strict = new System.Text.Json.JsonSerializerOptions(System.Text.Json.JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true };

        Read(types, "city", "{}").Should().Equal(new City(null!));
        FluentActions.Invoking(() => new EventSerializer(types, strict).DeserializeAll(Recorded("city", "{}"))).Should().Throw<EventSerializationException>().WithMessage("*'name'*");
    }

    [Fact]
    public void A_polymorphic_member_is_lifted_with_the_rest()
    {
        var types = new EventTypeRegistry().Add<Paid>("paid@2");
        types.Upcasters.AddJson("paid", "paid@2", (payload, _) => payload["by"] = new JsonObject { ["$type"] = "card", ["number"] = (string?)payload["card"] });

        Read(types, "paid", """{"card":"42"}""").Should().Equal(new Paid(new Card("42")));
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

    private sealed record Paid(Means By);

    [System.Text.Json.Serialization.JsonDerivedType(typeof(Card), "card")]
    private abstract record Means;

    private sealed record Card(string Number) : Means;

    private sealed record Required
    {
        public required string Name { get; init; }

        public string Language { get; init; } = "en";
    }

    private sealed record Defaulted(string Currency = "EUR", int Count = 1);
}
