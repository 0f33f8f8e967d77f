using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventSourcing;

/// <summary>Changes how classes look as JSON where something in them is personal.</summary>
/// <param name="inner">Knows how they look otherwise.</param>
/// <param name="mode">What is to be done.</param>
/// <param name="isForWriting">Whether it is for writing: what is read has been decrypted before.</param>
internal sealed class PersonalResolver(IJsonTypeInfoResolver inner, PersonalMode mode, bool isForWriting) : IJsonTypeInfoResolver
{
    public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options)
    {
        if (type == typeof(PersonalValue))
        {
            return JsonMetadataServices.CreateValueInfo<PersonalValue>(options, PersonalValueConverter.Instance);
        }

        if (inner.GetTypeInfo(type, options) is not { } info)
        {
            return null;
        }

        if (mode == PersonalMode.Refused && PersonalMarks.IsIn(info))
        {
            throw new PersonalDataException(
                $"{type.FullName} is marked as personal data, and there are no keys to encrypt it with: call AddPersonalData(…) after AddEventSourcing(), or give the EventSerializer its SubjectKeys.");
        }

        if (mode == PersonalMode.Encrypted && isForWriting)
        {
            Encrypt(info, options);
        }

        return info;
    }

    private static void Encrypt(JsonTypeInfo info, JsonSerializerOptions options)
    {
        var (personal, subject) = PersonalMarks.Find(info);
        var own = subject is null ? null : new SubjectProperty(info.Type, PersonalMarks.Named(info, ((System.Reflection.MemberInfo)subject.AttributeProvider!).Name));
        var others = personal.ConvertAll(one => one.Subject is null ? own : new SubjectProperty(info.Type, PersonalMarks.Named(info, one.Subject)));
        for (var i = 0; i < personal.Count; i++)
        {
            var index = personal[i].Index;
            info.Properties[index] = new PersonalProperty(info.Type, info.Properties[index], others[i], options).Replacement;
        }

        if (own is null)
        {
            return;
        }

        // What is inside and says nothing of its own is this one's.
        var (before, after) = (info.OnSerializing, info.OnSerialized);
        info.OnSerializing = value =>
        {
            before?.Invoke(value);
            PersonalWriting.Current?.Enter(own, value);
        };
        info.OnSerialized = value =>
        {
            PersonalWriting.Current?.Leave();
            after?.Invoke(value);
        };
    }
}
