using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace EventSourcing;

/// <summary>Which tags the events of a class get, by its <see cref="TagAttribute"/>s.</summary>
internal sealed class EventTags
{
    /// <summary>What trimming leaves of an event's class, because tags are looked for there.</summary>
    public const DynamicallyAccessedMemberTypes Members = DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.AllConstructors;

    private readonly Tag[] ofClass;
    private readonly (string Kind, PropertyInfo Property)[] ofProperties;

    /// <summary>Looks for the attributes of a class.</summary>
    /// <exception cref="InvalidOperationException">An attribute holds what no tag can be, or stands on a parameter that makes no property.</exception>
    public EventTags([DynamicallyAccessedMembers(Members)] Type type)
    {
        try
        {
            ofClass = [.. type.GetCustomAttributes<TagAttribute>().Select(attribute => new Tag(attribute.Kind))];
            var properties = type.GetProperties(BindingFlags.Instance | BindingFlags.Public);
            (string Kind, PropertyInfo Property)[] all =
            [
                .. properties.SelectMany(property => property.GetCustomAttributes<TagAttribute>().Select(attribute => (Checked(attribute.Kind), property))),
                .. Constructors(type).SelectMany(constructor => constructor.GetParameters()).SelectMany(parameter =>
                    parameter.GetCustomAttributes<TagAttribute>().Select(attribute => (
                        Checked(attribute.Kind),
                        properties.FirstOrDefault(property => property.Name == parameter.Name)
                            ?? throw new ArgumentException($"no property has the name of the parameter '{parameter.Name}'.")))),
            ];
            ofProperties = all.FirstOrDefault(one => PersonalMarks.IsPersonal(type, one.Property, properties)).Property is { } personal
                ? throw new ArgumentException($"{personal.Name} is personal data, and a tag is stored as it stands.")
                : all;
        }
        catch (ArgumentException unfit)
        {
            throw new InvalidOperationException($"[Tag] on {type.FullName} cannot be used: {unfit.Message}", unfit);
        }
    }

    /// <summary>The tags of an event.</summary>
    /// <exception cref="ArgumentException">A value makes no tag.</exception>
    public IReadOnlyCollection<Tag> Of(object @event)
    {
        if (ofProperties.Length == 0)
        {
            return ofClass;
        }

        var tags = new List<Tag>(ofClass);
        foreach (var (kind, property) in ofProperties)
        {
            switch (property.GetValue(@event))
            {
                case null:
                    break;
                case string text:
                    tags.Add(Tag.For(kind, text));
                    break;
                case IEnumerable values:
                    tags.AddRange(values.Cast<object?>().OfType<object>().Select(value => Tag.For(kind, value)));
                    break;
                case var value:
                    tags.Add(Tag.For(kind, value));
                    break;
            }
        }

        return tags;
    }

    // Those of its bases too: a record passes on to its base what the base's parameter has a tag for.
    private static List<ConstructorInfo> Constructors([DynamicallyAccessedMembers(Members)] Type type)
    {
        var found = new List<ConstructorInfo>();
        for (var at = type; at is not null; at = at.BaseType)
        {
            found.AddRange(at.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic));
        }

        return found;
    }

    // A kind that is unfit is found when the class is registered, not at the first event.
    private static string Checked(string kind)
    {
        _ = Tag.For(kind, "id");
        return kind;
    }
}
