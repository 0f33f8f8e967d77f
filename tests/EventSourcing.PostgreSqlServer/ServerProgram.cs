using System.Diagnostics;

namespace EventSourcing.TestInfrastructure;

/// <summary>Runs PostgreSQL's programs as a user that PostgreSQL accepts: it refuses to be run by root.</summary>
internal static class ServerProgram
{
    private static readonly Lazy<string[]> prefix = new(() =>
        Environment.IsPrivilegedProcess ? ["runuser", "-u", UserExists("postgres") ? "postgres" : "nobody", "--"] : []);

    public static string[] CommandLine(string program, string[] arguments) => [.. prefix.Value, program, .. arguments];

    public static async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var commandLine = CommandLine(program, arguments);
        var start = new ProcessStartInfo(commandLine[0], commandLine[1..])
        {
            // The server's user may not be allowed into the current folder.
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);

        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"'{string.Join(' ', commandLine)}' ended with {process.ExitCode}:\n{await output}{await errors}");
        }
    }

    private static bool UserExists(string name) =>
        File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith(name + ":", StringComparison.Ordinal));
}
