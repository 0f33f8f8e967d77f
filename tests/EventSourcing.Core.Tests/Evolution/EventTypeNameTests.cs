using System.Reflection;
using System.Reflection.Emit;

namespace EventSourcing;

/// <summary>Names and versions of event types, as they are chosen by attributes.</summary>
public sealed class EventTypeNameTests
{
    [Theory]
    [InlineData("paid", 0, "*Paid*version 0*first*1*")]
    [InlineData("paid", -1, "*Paid*version -1*first*1*")]
    [InlineData("", 1, "*Paid*empty*")]
    [InlineData("", 2, "*Paid*empty*")]
    [InlineData(null, 1, "*Paid*empty*")]
    [InlineData("paid@2", 1, "*Paid*[EventType(\"paid\", Version = 2)]*")]
    [InlineData("paid@2", 3, "*Paid*[EventType(\"paid\", Version = 2)]*")]
    [InlineData("@2", 1, "*Paid*ends as a version*")]
    public void A_name_or_a_version_that_would_be_read_otherwise_is_refused(string? name, int version, string message) =>
        FluentActions.Invoking(() => new EventTypeRegistry().AddFrom(Assembly(TypeAttributes.Public, name, version)))
            .Should().Throw<InvalidOperationException>().WithMessage(message);

    [Theory]
    [InlineData("paid", 1, "paid")]
    [InlineData("paid", 12, "paid@12")]
    [InlineData("a@b", 2, "a@b@2")]
    [InlineData("paid@", 1, "paid@")]
    [InlineData("paid@2nd", 1, "paid@2nd")]
    [InlineData("bezahlt · 支払済", 2, "bezahlt · 支払済@2")]
    public void Any_other_name_is_as_it_is_chosen(string name, int version, string stored)
    {
        var types = new EventTypeRegistry().AddFrom(Assembly(TypeAttributes.Public, name, version));

        types.NameOf(types.Types.Single()).Should().Be(stored);
    }

    [Fact]
    public void A_name_that_cannot_be_stored_is_refused_and_its_class_named() =>
        FluentActions.Invoking(() => new EventTypeRegistry().AddFrom(Assembly(TypeAttributes.Public, new string('x', 199), 2)))
            .Should().Throw<ArgumentException>().WithMessage("*Paid*200*");

    [Fact]
    public void A_class_of_which_no_event_can_be_is_refused()
    {
        FluentActions.Invoking(() => new EventTypeRegistry().AddFrom(Assembly(TypeAttributes.Public | TypeAttributes.Abstract, "paid", 1)))
            .Should().Throw<InvalidOperationException>().WithMessage("*Paid*abstract*");
        FluentActions.Invoking(() => new EventTypeRegistry().AddFrom(Assembly(TypeAttributes.Public, "paid", 1, isGeneric: true)))
            .Should().Throw<InvalidOperationException>().WithMessage("*Paid*generic*");
        FluentActions.Invoking(() => new EventTypeRegistry().Add<IDisposable>("disposed")).Should().Throw<InvalidOperationException>().WithMessage("*abstract*");
    }

    [Fact]
    public void Two_classes_cannot_be_one_version_of_one_name()
    {
        var types = new EventTypeRegistry().Add<Second>();

        FluentActions.Invoking(() => types.Add<AlsoSecond>("sent@2")).Should().Throw<InvalidOperationException>()
            .WithMessage("*'sent@2'*Second*AlsoSecond*one of its own*");
        types.Types.Should().Equal(typeof(Second));
    }

    [Fact]
    public void A_generic_class_has_a_name_for_each_of_its_forms()
    {
        var types = new EventTypeRegistry().Add<Changed<int>>("number-changed").Add<Changed<string>>("text-changed");

        types.NameOf(typeof(Changed<string>)).Should().Be("text-changed");
    }

    /// <summary>An assembly with one class, whose attribute this one could not carry without being refused itself.</summary>
    private static AssemblyBuilder Assembly(TypeAttributes attributes, string? name, int version, bool isGeneric = false)
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Shop"), AssemblyBuilderAccess.Run);
        var type = assembly.DefineDynamicModule("Shop").DefineType("Paid", attributes);
        if (isGeneric)
        {
            type.DefineGenericParameters("T");
        }

        var attribute = typeof(EventTypeAttribute);
        type.SetCustomAttribute(new CustomAttributeBuilder(
            attribute.GetConstructors()[0], [name], [attribute.GetProperty(nameof(EventTypeAttribute.Version))!], [version]));
        type.CreateType();
        return assembly;
    }

    [EventType("sent", Version = 2)]
    private sealed record Second;

    private sealed record AlsoSecond;

    private sealed record Changed<T>(T To);
}
