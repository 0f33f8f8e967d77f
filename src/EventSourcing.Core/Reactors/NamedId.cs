using System.Security.Cryptography;
using System.Text;

namespace EventSourcing;

/// <summary>An id that is always the same for the same text: a UUID of version 8 from its SHA-256.</summary>
internal static class NamedId
{
    public static Guid Of(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
