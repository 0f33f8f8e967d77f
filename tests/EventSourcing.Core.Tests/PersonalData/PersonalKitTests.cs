using EventSourcing.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing;

/// <summary>Events with personal data in unit tests, in catalogues and in messages: without a key.</summary>
public sealed class PersonalKitTests
{
    [Fact]
    public void Scenarios_need_no_keys()
    {
        Scenario.For(new Guests()).Given("guest-1", new GuestCame("ada", "Ada")).Then("guest-1", new Guest("ada", "Ada"));
        Scenario.For(new Guests(), new EventSerializer(new EventTypeRegistry().Add<GuestCame>())).Given("guest-1", new GuestCame("ada", "Ada")).Then("guest-1", new Guest("ada", "Ada"));
    }

    [Fact]
    public async Task An_application_under_test_needs_no_master_key_and_forgets()
    {
        await using var application = await TestApplication.StartAsync(builder => builder
            .AddEvent<GuestCame>()
            .AddView<Guests, Guest>()
            .AddPersonalData(_ => { }));
        await application.GivenAsync("guest-1", [new GuestCame("ada", "Ada")]);
        await application.ThenEventsAsync("guest-1", [new GuestCame("ada", "Ada")]);
        await application.ThenViewAsync("guest-1", new Guest("ada", "Ada"));

        await application.Services.GetRequiredService<DataSubjects>().ForgetAsync("ada");

        await application.ThenEventsAsync("guest-1", [new GuestCame("ada", "[forgotten]")]);
        await application.ThenViewAsync("guest-1", new Guest("ada", "[forgotten]"));
    }

    [Fact]
    public void The_catalogue_shows_what_is_personal()
    {
        var text = EventCatalogue.Of(new EventSerializer(new EventTypeRegistry().Add<GuestCame>().Add<GuestMoved>())).ToString().ReplaceLineEndings("\n");

        text.Should().Contain("""
                    "name": {
                      "type": "string",
                      "personal": true
                    }
            """.ReplaceLineEndings("\n"));
        text.Split("\"personal\": true").Should().HaveCount(3, "the name in one, the street in the other, and no subject");
    }

    [Fact]
    public void Public_messages_are_the_translator_s_own_words()
    {
        Scenario.For(new GuestNews()).Given("guest-1", new GuestCame("ada", "Ada")).Then(Effect.Published("guests", "guest-came", new Guest("ada", "Ada")));
    }

    [EventType("guest-came")]
    public sealed record GuestCame([property: DataSubject] string GuestId, [property: PersonalData] string Name);

    [EventType("guest-moved")]
    public sealed record GuestMoved([property: DataSubject] string GuestId, Street Street);

    [PersonalData]
    public sealed record Street(string Text);

    public sealed record Guest([property: DataSubject] string GuestId, [property: PersonalData] string Name);

    public sealed class Guests : ViewProjection<Guest>
    {
        public Guests()
            : base("guests") => On<GuestCame>((_, came, _) => new Guest(came.GuestId, came.Name));
    }

    public sealed class GuestNews : MessageTranslator
    {
        public GuestNews()
            : base("news") => On<GuestCame>((came, envelope) => Message(envelope, "guests", "guest-came", new Guest(came.GuestId, came.Name)));
    }
}
