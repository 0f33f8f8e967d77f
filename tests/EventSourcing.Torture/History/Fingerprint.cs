using System.Security.Cryptography;
using System.Text;

namespace EventSourcing.Torture;

/// <summary>Tells whether the content of an event is the same, byte for byte.</summary>
internal static class Fingerprint
{
    public static string Of(string type, ReadOnlySpan<byte> data, ReadOnlySpan<byte> metadata)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(Encoding.UTF8.GetBytes(type));
        Add(data);
        Add(metadata);
        return Convert.ToHexString(hash.GetHashAndReset(), 0, 8);

        void Add(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
    }
}
