using System.Diagnostics;
using System.Globalization;

namespace EventSourcing.Benchmarks;

/// <summary>This program once more, as the other process: follows on demand.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process process;

    public ChildProcess(string connectionString)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        }

        start.ArgumentList.Add("latency-child");
        start.Environment[ChildProgram.ConnectionVariable] = connectionString;
        process = Process.Start(start)!;
    }

    /// <summary>Begins to follow, and returns when it has caught up.</summary>
    /// <param name="follower"><c>ours</c>, <c>floor</c> or <c>projection</c>.</param>
    /// <param name="schema">The run's schema.</param>
    /// <param name="after">The last position that is not wanted.</param>
    /// <param name="keepsTimes">Whether it is to tell each event's time in the end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task StartAsync(string follower, string schema, long after, bool keepsTimes, CancellationToken cancellationToken)
    {
        await SendAsync(string.Create(CultureInfo.InvariantCulture, $"start {follower} {schema} {after} {keepsTimes}"));
        if (await AnswerAsync(cancellationToken) is var answer && answer != "ready")
        {
            throw new InvalidOperationException($"The other process answered: {answer}");
        }
    }

    /// <summary>Ends the following when a position was delivered.</summary>
    public async Task<(List<(long Position, long Ticks)> Times, long Count)> StopAsync(long position, CancellationToken cancellationToken)
    {
        await SendAsync(string.Create(CultureInfo.InvariantCulture, $"stop {position}"));
        var times = new List<(long, long)>();
        while (true)
        {
            var answer = (await AnswerAsync(cancellationToken)).Split(' ');
            var number = long.Parse(answer[1], CultureInfo.InvariantCulture);
            if (answer[0] == "total")
            {
                return (times, number);
            }

            times.Add((number, long.Parse(answer[2], CultureInfo.InvariantCulture)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
        }

        process.Dispose();
    }

    private async Task SendAsync(string order)
    {
        await process.StandardInput.WriteLineAsync(order);
        await process.StandardInput.FlushAsync();
    }

    private async Task<string> AnswerAsync(CancellationToken cancellationToken) =>
        await process.StandardOutput.ReadLineAsync(cancellationToken)
        ?? throw new InvalidOperationException("The other process has ended; what it said is above.");
}
