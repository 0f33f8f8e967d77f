using System.Globalization;

namespace EventSourcing;

/// <summary>What makes a tag, and which tags the events of a class get.</summary>
public sealed class TagTests
{
    private static readonly Guid Id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");

    private enum Grade
    {
        First,
    }

    [Fact]
    public void A_tag_is_joined_with_the_invariant_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo(string.Empty) { NumberFormat = { NumberDecimalSeparator = "," } };
        try
        {
            Tag.For("price", 1234567.5m).Value.Should().Be("price:1234567.5");
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }

        Tag.For("user", Id).Value.Should().Be("user:00112233-4455-6677-8899-aabbccddeeff");
        Tag.For("grade", Grade.First).Value.Should().Be("grade:First");
        Tag.For("open", true).Value.Should().Be("open:True");
        Tag.For("path", "a:b").Value.Should().Be("path:a:b");
        Tag.For("spelled", new Spelled(7)).Value.Should().Be("spelled:no. 7");
        Tag implied = "invoices";
        implied.Should().Be(new Tag("invoices")).And.NotBe(new Tag("Invoices"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("zero\0")]
    [InlineData("tab\t")]
    [InlineData("line\n")]
    [InlineData("next\u0085line")]
    [InlineData("delete\u007f")]
    public void What_cannot_be_a_tag_is_refused(string text)
    {
        FluentActions.Invoking(() => new Tag(text)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Tag.For("kind", text)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Nothing_too_long_half_a_character_or_a_kind_with_a_colon_is_a_tag()
    {
        FluentActions.Invoking(() => new Tag(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => new Tag("lone" + '\ud800')).Should().Throw<ArgumentException>().WithMessage("*surrogate*");
        new Tag(new string('x', Tag.MaxLength)).Value.Should().HaveLength(200);
        FluentActions.Invoking(() => new Tag(new string('x', Tag.MaxLength + 1))).Should().Throw<ArgumentException>().WithMessage("*200*201*");
        FluentActions.Invoking(() => Tag.For("a:b", 1)).Should().Throw<ArgumentException>().WithMessage("*no colon*");
        FluentActions.Invoking(() => Tag.For("", 1)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => default(Tag).Value).Should().Throw<InvalidOperationException>();
        default(Tag).ToString().Should().BeEmpty();
    }

    [Fact]
    public void An_id_without_a_text_of_its_own_is_refused()
    {
        // Its text would be the name of its class, which may change.
        foreach (var id in new object[] { new Unspelled(7), new UnspelledValue(7), new Version1(), new Plain() })
        {
            FluentActions.Invoking(() => Tag.For("kind", id)).Should().Throw<ArgumentException>().WithMessage($"*{id.GetType().FullName}*ToString*");
        }

        Tag.For("kind", new Version(1, 2)).Value.Should().Be("kind:1.2");
    }

    [Fact]
    public void Attributes_on_parameters_properties_and_the_class_tag_its_events()
    {
        Of(new Moved("c1", Id, ["s1", "s2"], null, 7)).Should().Equal(
            "school", "all of it", "note:7", "course:c1", "user:00112233-4455-6677-8899-aabbccddeeff", "student:s1", "student:s2");
        Of(new Moved("c1", Id, [], "r5", 7)).Should().Contain("room:r5").And.NotContain(tag => tag.StartsWith("student", StringComparison.Ordinal));
        Of(new Untagged("c1")).Should().BeEmpty();
    }

    [Fact]
    public void Derived_classes_have_the_tags_of_their_bases() =>
        Of(new Special("c1", "extra")).Should().BeEquivalentTo("bases", "extra:extra", "base:c1", "seen:c1");

    [Fact]
    public void A_tag_that_comes_twice_counts_once() => Of(new Twice("a", "a")).Should().Equal("kind:a");

    [Fact]
    public void An_event_whose_value_makes_no_tag_cannot_be_written()
    {
        foreach (var value in new[] { "", "tab\t", new string('x', 200) })
        {
            FluentActions.Invoking(() => Of(new Twice("a", value))).Should().Throw<EventSerializationException>();
        }

        var many = Enumerable.Range(0, Tag.MaxCount + 1).Select(i => i.ToString(CultureInfo.InvariantCulture)).ToArray();
        Of(new Moved("c1", Id, many[..27], null, 7)).Should().HaveCount(Tag.MaxCount);
        FluentActions.Invoking(() => Of(new Moved("c1", Id, many, null, 7))).Should().Throw<EventSerializationException>().WithInnerException<ArgumentException>().WithMessage("*32*");
    }

    [Fact]
    public void An_attribute_that_cannot_be_used_is_found_when_the_class_is_registered()
    {
        FluentActions.Invoking(() => new EventTypeRegistry().Add<BadKind>("x")).Should().Throw<InvalidOperationException>().WithMessage("*BadKind*colon*");
        FluentActions.Invoking(() => new EventTypeRegistry().Add<BadClassTag>("x")).Should().Throw<InvalidOperationException>().WithMessage("*BadClassTag*");
        FluentActions.Invoking(() => new EventTypeRegistry().Add<NoProperty>("x")).Should().Throw<InvalidOperationException>().WithMessage("*NoProperty*nameless*");
    }

    private static IEnumerable<string> Of<TEvent>(TEvent @event)
        where TEvent : notnull =>
        new EventSerializer(new EventTypeRegistry().Add<TEvent>("event")).Serialize(@event).Tags.Select(tag => tag.Value);

    [Tag("school")]
    [Tag("all of it")]
    private sealed record Moved(
        [Tag("course")] string Course, [Tag("user")] Guid User, [Tag("student")] IReadOnlyList<string> Students, [property: Tag("room")] string? Room, int Note)
    {
        [Tag("note")]
        public int Tagged => Note;
    }

    private sealed record Untagged(string Course);

    [Tag("bases")]
    private abstract record Base([Tag("base")] string Course)
    {
        [Tag("seen")]
        public virtual string Seen => Course;
    }

    private sealed record Special(string Course, [property: Tag("extra")] string Extra) : Base(Course)
    {
        public override string Seen => base.Seen;
    }

    private sealed record Twice([Tag("kind")] string First, [Tag("kind")] string Second);

    private sealed record BadKind([Tag("a:b")] string Value);

    [Tag("")]
    private sealed record BadClassTag(string Value);

    private sealed class NoProperty([Tag("kind")] string nameless)
    {
        public string Text { get; } = nameless;
    }

    private sealed record Unspelled(int Value);

    private readonly record struct UnspelledValue(int Value);

    private readonly struct Version1;

    private sealed class Plain;

    private sealed record Spelled(int Value)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"no. {Value}");
    }
}
