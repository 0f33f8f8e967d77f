using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace EventSourcing.PostgreSql;

/// <summary>A schema's name, checked, and what is derived from it.</summary>
/// <remarks>
/// Only names that need no quoting are taken: what an operator types into psql is then what is written here, and no name
/// can reach out of the statement that it stands in.
/// </remarks>
internal sealed partial class SchemaName
{
    public SchemaName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsPlain(name))
        {
            throw new ArgumentException(
                $"'{name}' is not a schema name that this library takes: lower-case letters, digits and underscores, "
                + "not starting with a digit or 'pg_', at most 63 characters.",
                nameof(name));
        }

        Name = name;
        Quoted = $"\"{name}\"";
        AppendLockObject = StableHash("append " + name);
        Channel = string.Create(CultureInfo.InvariantCulture, $"eventsourcing_{AppendLockObject:x8}");
        BoundaryLock = (long)StableHash("boundary " + name) << 32;
        AuditLock = ((long)StableHash("audit") << 32) | (uint)StableHash(name);
        InstallLock = ((long)StableHash("install") << 32) | (uint)StableHash(name);
    }

    /// <summary>The class of all append locks: the first key of the two-integer form, "EVSO" in ASCII.</summary>
    public const int AppendLockClass = 0x4556534F;

    /// <summary>Taken while the rights of a schema, any schema, are given.</summary>
    public static long RolesLock { get; } = (long)StableHash("roles") << 32;

    public string Name { get; }

    public string Quoted { get; }

    /// <summary>The second key of the schema's append lock. Two schemas that share it only wait a little longer for each other.</summary>
    public int AppendLockObject { get; }

    /// <summary>The first of the keys of boundaries, the others follow it. In the one-integer form, which no append lock has.</summary>
    public long BoundaryLock { get; }

    /// <summary>The channel on which stores of this schema tell each other of appends. Two schemas that share it only look
    /// a little more often.</summary>
    public string Channel { get; }

    public long InstallLock { get; }

    /// <summary>Held while indexes for audits are made.</summary>
    public long AuditLock { get; }

    /// <summary>Whether a name needs no quoting, and is not one of the server's own.</summary>
    public static bool IsPlain(string? name) => name is not null && Plain().IsMatch(name) && !name.StartsWith("pg_", StringComparison.Ordinal);

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,62}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();

    private static int StableHash(string text) => BinaryPrimitives.ReadInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
