using System.Security.Cryptography;
using EventSourcing.InMemory;

namespace EventSourcing.Testing;

/// <summary>Keys for personal data in tests, which have no secrets: thrown away with the test.</summary>
internal static class TestKeys
{
    public static IMasterKey NewMaster() => new AesMasterKey("test", RandomNumberGenerator.GetBytes(32));

    public static SubjectKeys New() => new(new InMemorySubjectKeyStore(), new PersonalDataOptions { MasterKey = NewMaster() });
}
