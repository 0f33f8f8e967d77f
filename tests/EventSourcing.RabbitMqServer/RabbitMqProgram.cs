namespace EventSourcing.TestInfrastructure;

/// <summary>Finds the broker's own program, and the user to run it as.</summary>
internal static class RabbitMqProgram
{
    public const string Places = "/usr/lib/rabbitmq/bin, PATH, /opt/homebrew/sbin, /usr/local/sbin";

    /// <summary>The path of <c>rabbitmq-server</c>, else null.</summary>
    public static string? Find()
    {
        // A private broker is kept apart from the process by Unix means: a shell that watches, a user without privileges.
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        // Debian's first: what it puts on the PATH is a wrapper that insists on the machine's own folders.
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return path.Prepend("/usr/lib/rabbitmq/bin").Append("/opt/homebrew/sbin").Append("/usr/local/sbin")
            .Select(folder => Path.Combine(folder, "rabbitmq-server"))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>A command line run by a user without privileges, where this process has them.</summary>
    public static string[] CommandLine(params string[] command) =>
        Environment.IsPrivilegedProcess ? ["runuser", "-u", UserExists("rabbitmq") ? "rabbitmq" : "nobody", "--", .. command] : command;

    private static bool UserExists(string name) =>
        File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith(name + ":", StringComparison.Ordinal));
}
