using System.Diagnostics;

namespace BoxOffice;

/// <summary>The sample in a process of its own.</summary>
internal static class SampleProgram
{
    public static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", ["exec", typeof(BoxOfficeRun).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    public static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var program = Start(arguments);
        var errors = program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (program.ExitCode, output);
    }
}
