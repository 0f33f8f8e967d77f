using System.Globalization;

namespace EventSourcing.TestInfrastructure;

/// <summary>Finds the folder that holds the server's own programs.</summary>
internal static class PostgreSqlBinaries
{
    public const string Places =
        "PATH, /usr/lib/postgresql/*/bin, /usr/pgsql-*/bin, /opt/homebrew/opt/postgresql@*/bin, /usr/local/opt/postgresql@*/bin";

    // Each version has a folder of its own, named by what stands before the number.
    private static readonly (string Parent, string Prefix)[] installations =
    [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
    ];

    /// <summary>The folder of the programs on PATH, else of the newest version installed, else null.</summary>
    public static string? Find() =>
        // Clusters are kept apart from the process by Unix means: a shell that watches, a user without privileges.
        OperatingSystem.IsWindows() ? null : Find(Environment.GetEnvironmentVariable("PATH"), installations);

    /// <summary>A program of a folder that was found; where only some are linked there, the one beside what they are linked to.</summary>
    public static string Program(string folder, string name)
    {
        var program = Path.Combine(folder, name);
        var server = File.ResolveLinkTarget(Path.Combine(folder, "pg_ctl"), returnFinalTarget: true);
        return File.Exists(program) || server is null ? program : Path.Combine(Path.GetDirectoryName(server.FullName)!, name);
    }

    internal static string? Find(string? path, IEnumerable<(string Parent, string Prefix)> installations) =>
        (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Concat(installations.SelectMany(Versions).OrderByDescending(found => found.Version).Select(found => found.Folder))
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")));

    private static IEnumerable<(double Version, string Folder)> Versions((string Parent, string Prefix) installation)
    {
        if (!Directory.Exists(installation.Parent))
        {
            yield break;
        }

        foreach (var folder in Directory.EnumerateDirectories(installation.Parent, installation.Prefix + "*"))
        {
            // Versions before 10 have two numbers (9.6); as numbers they order rightly, as text 9.6 would beat 17.
            var number = Path.GetFileName(folder)[installation.Prefix.Length..];
            if (double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var version))
            {
                yield return (version, Path.Combine(folder, "bin"));
            }
        }
    }
}
