namespace EventSourcing.Testing;

public sealed class DecisionScenarioTests
{
    private readonly DecisionProjection<int> taken = new DecisionProjection<int>(0, Tag.For("course", "c1")).On<Subscribed>((count, _) => count + 1);
    private readonly DecisionProjection<string> last = new DecisionProjection<string>("nobody", Tag.For("course", "c1")).On<Happening>((names, one) => $"{names} {one.Who}").LatestOnly();

    private DecisionScenario Course => Scenario.For(taken, last);

    [Fact]
    public void A_projection_gets_the_events_of_its_classes_that_have_its_tags() => Course
        .Given(new Subscribed("c1", "ada"), new Subscribed("c2", "bob"), new Left("c1", "cyd"))
        .Given(new Subscribed("c1", "dan"), new Left("c2", "eve"), "something else")
        .When(Decide)
        .Then(new Subscribed("c1", "2, then nobody dan"));

    [Fact]
    public void Without_a_history_it_knows_how_things_start() => Course.When(Decide).Then(new Subscribed("c1", "0, then nobody"));

    [Fact]
    public void Nothing_and_refusals_are_outcomes()
    {
        Course.When(_ => []).ThenNothing();
        Course.When(known => known.Of(taken) == 0 ? throw new InvalidOperationException("Full.") : []).ThenThrows<InvalidOperationException>(refusal => refusal.Message == "Full.");
        Fails(() => Course.When(Decide).ThenNothing(), "0, then nobody");
        Fails(() => Course.When(Decide).Then(new Subscribed("c1", "1, then nobody")), "first difference");
        Fails(() => Course.When(_ => [new Subscribed("c1", "ada")]).ThenThrows<InvalidOperationException>(), "Subscribed");
    }

    [Fact]
    public void A_history_that_cannot_be_folded_is_not_taken_for_a_refusal()
    {
        var broken = new DecisionProjection<int>(0).On<Subscribed>((_, _) => throw new InvalidOperationException("Broken history."));
        var scenario = () => Scenario.For(broken).Given(new Subscribed("c1", "ada")).When(_ => []).ThenThrows<InvalidOperationException>();

        scenario.Should().Throw<InvalidOperationException>().WithMessage("Broken history.");
    }

    [Fact]
    public void What_makes_no_decision_makes_no_scenario()
    {
        FluentActions.Invoking(() => Scenario.For(Array.Empty<DecisionProjection>())).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Scenario.For(taken, taken)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Scenario.For(taken, null!)).Should().Throw<ArgumentException>();
        Course.When(known => [known.Of(new DecisionProjection<int>(0))]).ThenThrows<ArgumentException>();
    }

    private static void Fails(Action scenario, string part) =>
        scenario.Should().Throw<ScenarioFailedException>().Which.Message.Should().Contain(part);

    private IEnumerable<object> Decide(DecisionState known) => [new Subscribed("c1", $"{known.Of(taken)}, then {known.Of(last)}")];

    private abstract record Happening([Tag("course")] string Course, string Who);

    private sealed record Subscribed(string Course, string Who) : Happening(Course, Who);

    private sealed record Left(string Course, string Who) : Happening(Course, Who);
}
