namespace EventSourcing;

/// <summary>Steps that cannot be right are refused when they are declared, or when the serializer is made; not when an event is read.</summary>
public sealed class UpcasterDeclarationTests
{
    private readonly EventTypeRegistry types = new();

    [Fact]
    public void A_step_is_declared_once_and_never_in_a_circle()
    {
        types.Upcasters.AddJson("a", "b").AddJson("b", "c").Add<First, Second>(_ => new Second());

        Refused(() => types.Upcasters.AddJson("a", "d"), "*already*");
        Refused(() => types.Upcasters.AddJson("c", "a"), "*for ever*");
        Refused(() => types.Upcasters.AddJson("d", "d"), "*for ever*");
        Refused(() => types.Upcasters.AddJsonMany("c", (_, _) => [], "x", "a"), "*for ever*");
        Refused(() => types.Upcasters.Add<First, Third>(_ => new Third()), "*already*");
        Refused(() => types.Upcasters.Add<Second, First>(_ => new First()), "*for ever*");
        FluentActions.Invoking(() => types.Upcasters.AddJson("", "x")).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => types.Upcasters.AddJson("e", "")).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => types.Upcasters.AddMany<Second>((_, _) => [], (Type)null!)).Should().Throw<ArgumentException>();
        types.Upcasters.AddJson("c", "d").Should().BeSameAs(types.Upcasters, "a refused step changes nothing");
    }

    [Fact]
    public void Many_ways_to_one_name_are_looked_through_once()
    {
        for (var i = 0; i < 60; i++)
        {
            types.Upcasters.AddJsonMany($"n{i}", (_, _) => [], $"n{i + 1}", $"n{i + 1}", $"n{i + 2}");
        }

        Refused(() => types.Upcasters.AddJson("n61", "n0"), "*for ever*");
    }

    [Fact]
    public void A_step_of_a_class_that_no_event_is_exactly_of_is_refused()
    {
        Refused(() => types.Upcasters.Add<IEvent, Second>(_ => new Second()), "*IEvent*abstract*");
        Refused(() => types.Upcasters.Add<First, IEvent>(_ => new Second()), "*IEvent*abstract*");
        Refused(() => types.Upcasters.AddMany<First>((_, _) => [], typeof(Second), typeof(object)), "*Object*");
        types.Upcasters.IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void A_step_that_leads_nowhere_is_refused()
    {
        types.Add<Second>("second").Upcasters.AddJson("first", "secnd");

        Refused(() => Serializer(), "*'first'*'secnd'*registered*");
    }

    [Fact]
    public void A_step_from_the_name_of_a_class_is_refused_since_new_events_would_be_lifted_as_old_ones()
    {
        types.Add<First>("first").Add<Second>("first@2").Upcasters.AddJson("first", "first@2");

        Refused(() => Serializer(), "*'first'*First*Version*");
    }

    [Fact]
    public void A_step_from_a_class_that_is_never_read_is_refused()
    {
        types.Add<Second>("second").Upcasters.Add<First, Second>(_ => new Second());

        Refused(() => Serializer(), "*First*no name*");
        types.Add<First>("first");
        _ = Serializer();
    }

    [Fact]
    public void Steps_are_declared_before_the_first_event_is_read()
    {
        types.Add<Second>("second");
        _ = Serializer();

        Refused(() => types.Upcasters.AddJson("first", "second"), "*before*serializer*");
        types.Upcasters.IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void Who_handles_a_class_that_is_lifted_is_told()
    {
        types.Add<First>("first").Add<Second>("second").Upcasters.Add<First, Second>(_ => new Second());

        types.StoredNamesOf(typeof(Second)).Should().BeEquivalentTo("first", "second");
        types.StoredNamesOf(typeof(IEvent)).Should().BeEquivalentTo("first", "second");
        types.StoredNamesOf(typeof(First)).Should().BeEmpty("no event is read as one");
        Refused(() => ConsumerFilter.Of("list", [typeof(First)], [], types), "*'list'*First*Second*");
        Refused(() => ConsumerFilter.Of("list", [typeof(Third)], [], types), "*'list'*Third*registered*");
    }

    private EventSerializer Serializer() => new(types);

    private static void Refused(Action action, string message) =>
        action.Should().Throw<InvalidOperationException>().WithMessage(message);

    private interface IEvent;

    private sealed record First : IEvent;

    private sealed record Second : IEvent;

    private sealed record Third;
}
