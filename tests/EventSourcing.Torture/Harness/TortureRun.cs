using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventSourcing.Torture;

/// <summary>One run of a scenario: its seed and its time, and what it has found. Says everything in lines of JSON.</summary>
/// <param name="scenario">Its name.</param>
/// <param name="seed">Of all that is random in it.</param>
/// <param name="duration">For how long it torments, set-up and checks not counted.</param>
/// <param name="write">Where the lines go.</param>
internal sealed class TortureRun(string scenario, int seed, TimeSpan duration, Action<string> write)
{
    private const int MostViolationsTold = 20;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock gate = new();
    private readonly long created = Stopwatch.GetTimestamp();
    private readonly SortedDictionary<string, long> checks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> figures = [];
    private long operations;
    private long violations;
    private TimeSpan? begunAfter;

    public int Seed => seed;

    public TimeSpan Duration => duration;

    /// <summary>The first violations in words.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>The command that does the same again.</summary>
    public string Repeat => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"./torture.sh {scenario} --seconds {duration.TotalSeconds:0.##} --seed {seed}");

    /// <summary>Runs a scenario and says its last line; true where it did something and nothing was violated.</summary>
    public async Task<bool> RunAsync(Func<TortureRun, Task> scenarioOf)
    {
        Write(new { scenario, seed, seconds = duration.TotalSeconds, repeat = Repeat });
        try
        {
            await scenarioOf(this);
        }
        catch (ProofFailedException failure)
        {
            Violation(failure.Message);
        }
        catch (Exception failure)
        {
            Violation($"The scenario broke off: {failure}");
        }

        if (operations == 0)
        {
            Violation("Nothing was done, so nothing is proven.");
        }

        Write(new
        {
            scenario,
            seed,
            seconds = duration.TotalSeconds,
            setUpSeconds = Math.Round((begunAfter ?? TimeSpan.Zero).TotalSeconds, 1),
            totalSeconds = Math.Round(Stopwatch.GetElapsedTime(created).TotalSeconds, 1),
            figures,
            @checked = checks,
            operations,
            violations,
            repeat = Repeat,
        });
        return violations == 0;
    }

    /// <summary>The set-up is over: the token is cancelled when the run's time is.</summary>
    public CancellationTokenSource Begin()
    {
        begunAfter = Stopwatch.GetElapsedTime(created);
        return new CancellationTokenSource(duration);
    }

    /// <summary>Random numbers of the run's seed, others for each purpose, so that one does not depend on what another has drawn.</summary>
    public Random RandomFor(string purpose, int number = 0) => new(unchecked((int)Hash($"{seed}/{purpose}/{number}")));

    /// <summary>So many things were done to the store, or asked of it.</summary>
    public void Operated(long by = 1) => Interlocked.Add(ref operations, by);

    /// <summary>Something was compared, so many times.</summary>
    public void Checked(string what, long times = 1)
    {
        lock (gate)
        {
            checks[what] = checks.GetValueOrDefault(what) + times;
        }
    }

    /// <summary>A figure of the last line.</summary>
    public void Figure(string name, object value)
    {
        lock (gate)
        {
            figures[name] = value;
        }
    }

    /// <summary>Adds to a figure of the last line.</summary>
    public void Count(string name, long by = 1)
    {
        lock (gate)
        {
            figures[name] = (figures.TryGetValue(name, out var before) ? (long)before : 0) + by;
        }
    }

    /// <summary>A promise was broken.</summary>
    public void Violation(string what)
    {
        lock (gate)
        {
            violations++;
            if (violations > MostViolationsTold)
            {
                return;
            }

            Violations.Add(what);
        }

        Write(new { violation = what, seed, repeat = Repeat });
    }

    /// <summary>How it goes.</summary>
    public void Say(string what) => Write(new { say = what, after = Math.Round(Stopwatch.GetElapsedTime(created).TotalSeconds, 1) });

    private void Write(object line)
    {
        var text = JsonSerializer.Serialize(line, Json);
        lock (gate)
        {
            write(text);
        }
    }

    /// <summary>FNV-1a: string.GetHashCode is another in each process.</summary>
    private static uint Hash(string text) => text.Aggregate(2_166_136_261u, (hash, one) => unchecked((hash ^ one) * 16_777_619u));
}
