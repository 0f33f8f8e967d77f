using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace EventSourcing.Torture;

/// <summary>One process that can be killed, stopped and told what to do.</summary>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> said = new();
    private readonly ConcurrentQueue<string> complaints = new();

    public Child(string connectionString, ChildOptions options, string? listenConnectionString = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(Child).Assembly.Location);
        start.ArgumentList.Add("child");
        start.ArgumentList.Add(JsonSerializer.Serialize(options));
        start.Environment[ChildOptions.ConnectionVariable] = connectionString;
        start.Environment[ChildOptions.ListenVariable] = listenConnectionString;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(said, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(complaints, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    /// <summary>Its name on the board.</summary>
    public string Label => $"{Environment.MachineName}/{Id}";

    public bool IsRunning => !process.HasExited;

    public IEnumerable<string> Complaints => complaints;

    public int CountSaid(string line) => said.Count(one => one == line);

    public int CountSaidWith(string beginning) => said.Count(one => one.StartsWith(beginning, StringComparison.Ordinal));

    public async Task TellAsync(string order)
    {
        await process.StandardInput.WriteLineAsync(order);
        await process.StandardInput.FlushAsync();
    }

    /// <summary>Tells it something, and waits for its answer to that.</summary>
    public async Task<string> AskAsync(string order, string beginning, TimeSpan patience)
    {
        var before = CountSaidWith(beginning);
        await TellAsync(order);
        await HearAsync(beginning, patience, before);
        return said.Last(line => line.StartsWith(beginning, StringComparison.Ordinal));
    }

    /// <summary>Waits until it has said a line that begins so, one more than there were before.</summary>
    public async Task HearAsync(string beginning, TimeSpan patience, int before = 0)
    {
        var since = Stopwatch.GetTimestamp();
        while (CountSaidWith(beginning) <= before)
        {
            if (!IsRunning || Stopwatch.GetElapsedTime(since) > patience)
            {
                throw new ProofFailedException(
                    $"Process {Id} {(IsRunning ? "has not said" : "has ended without saying")} '{beginning}' but: {string.Join("; ", said.TakeLast(10))}\n{string.Join('\n', complaints.TakeLast(5))}");
            }

            await Task.Delay(5);
        }
    }

    /// <summary>The end that a power cut brings: nothing is tidied up.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Stops it where it stands, without a word; <see cref="ContinueAsync"/> lets it go on as if nothing had been.</summary>
    public Task StopAsync() => SignalAsync("-STOP");

    public Task ContinueAsync() => SignalAsync("-CONT");

    /// <summary>Asks it to end in order.</summary>
    public Task EndAsync() => SignalAsync("-TERM");

    public async Task ExpectEndAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0)
        {
            throw new ProofFailedException($"Process {Id} ended with {process.ExitCode}:\n{string.Join('\n', complaints.TakeLast(20))}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            await KillAsync();
        }

        process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
