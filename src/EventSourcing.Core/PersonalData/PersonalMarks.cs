using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace EventSourcing;

/// <summary>Finds what is marked as personal in a class, as System.Text.Json sees it: by reflection or a source-generated context.</summary>
internal static class PersonalMarks
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Whether the class, or a property of it, is marked.</summary>
    public static bool IsIn(JsonTypeInfo info) => Of(info.Type) is not null
        || (info.Kind == JsonTypeInfoKind.Object ? info.Properties.Any(property => IsOn(property) || IsSubject(property)) : HasMarkedProperties(info.Type));

    /// <summary>The personal properties of a class, and the one that names their subject.</summary>
    /// <exception cref="InvalidOperationException">A mark stands where it would do nothing.</exception>
    public static (List<(int Index, string? Subject)> Personal, JsonPropertyInfo? Subject) Find(JsonTypeInfo info)
    {
        var whole = Of(info.Type);
        if (info.Kind != JsonTypeInfoKind.Object)
        {
            return whole is null && !HasMarkedProperties(info.Type)
                ? ([], null)
                : throw Unfit(info.Type, "a converter of its own writes it, or it is a collection, so that its properties are not known. Mark the properties whose values it is");
        }

        if (info.Properties.Any(property => property.AttributeProvider is null) && (whole is not null || HasMarkedProperties(info.Type)))
        {
            throw Unfit(info.Type, "its JSON contract does not say which attributes its properties have. Compile it with the generator of .NET 9 or later, or leave it to reflection");
        }

        JsonPropertyInfo? subject = null;
        foreach (var property in info.Properties.Where(IsSubject))
        {
            subject = subject is not null
                ? throw Unfit(info.Type, $"both {NameOf(subject)} and {NameOf(property)} are its [DataSubject]. Leave one, and name the other where it is meant: [PersonalData(Subject = \"{NameOf(property)}\")]")
                : property;
        }

        var others = info.Properties.Select(property => MarkOn<PersonalDataAttribute>(property)?.Subject).Append(whole?.Subject).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var found = new List<(int, string?)>();
        for (var i = 0; i < info.Properties.Count; i++)
        {
            var property = info.Properties[i];
            var mark = MarkOn<PersonalDataAttribute>(property);
            var isSubject = property == subject || others.Contains(NameOf(property));
            if (mark is not null && isSubject)
            {
                throw Unfit(info.Type, $"{NameOf(property)} is itself a subject, which is stored as it stands");
            }

            if (property.IsExtensionData && (mark is not null || whole is not null))
            {
                throw Unfit(info.Type, $"{NameOf(property)} is its extension data, whose members stand beside the others");
            }

            if ((mark ?? (isSubject ? null : whole)) is { } marked && property.Get is not null)
            {
                found.Add((i, marked.Subject ?? whole?.Subject));
            }
        }

        return (found, subject);
    }

    /// <summary>The property of this name in C#.</summary>
    /// <exception cref="InvalidOperationException">There is none, or it is not part of the JSON.</exception>
    public static JsonPropertyInfo Named(JsonTypeInfo info, string name) =>
        info.Properties.FirstOrDefault(property => NameOf(property) == name && property.Get is not null)
        ?? throw Unfit(info.Type, $"it has no property {name} that is written, which is said to be the subject");

    public static InvalidOperationException Unfit(Type type, string why) => new($"The personal data of {type.FullName} cannot be encrypted: {why}.");

    private static bool IsOn(MemberInfo member) => Attribute.IsDefined(member, typeof(PersonalDataAttribute), inherit: true);

    /// <summary>Whether a property of a class is personal, as far as it says so itself; for classes that are looked at by reflection alone.</summary>
    public static bool IsPersonal(Type type, PropertyInfo property, IReadOnlyCollection<PropertyInfo> all) => IsOn(property)
        || (Of(type) is { } whole && !Attribute.IsDefined(property, typeof(DataSubjectAttribute), inherit: true)
            && !all.Select(other => other.GetCustomAttribute<PersonalDataAttribute>(inherit: true)).Append(whole).Any(mark => mark?.Subject == property.Name));

    private static bool IsOn(JsonPropertyInfo property) => MarkOn<PersonalDataAttribute>(property) is not null;

    private static bool IsSubject(JsonPropertyInfo property) => MarkOn<DataSubjectAttribute>(property) is not null;

    private static string NameOf(JsonPropertyInfo property) => (property.AttributeProvider as MemberInfo)?.Name ?? property.Name;

    private static PersonalDataAttribute? Of(Type type) => type.GetCustomAttribute<PersonalDataAttribute>(inherit: true);

    private static TAttribute? MarkOn<TAttribute>(JsonPropertyInfo property)
        where TAttribute : Attribute => property.AttributeProvider is MemberInfo member ? member.GetCustomAttribute<TAttribute>(inherit: true) : null;

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A property that was trimmed away is read and written by nobody.")]
    private static bool HasMarkedProperties(Type type) => type.GetProperties(Instance).Any(property => IsOn(property));
}
