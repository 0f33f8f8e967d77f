using System.Collections.Concurrent;
using System.Text;

namespace EventSourcing.Torture;

/// <summary>Tries what may go wrong, and judges how it goes: an answer, or an exception that is documented.</summary>
internal sealed class Trial(TortureRun run)
{
    /// <summary>Far longer than anything takes that is tried here; what is not over by then hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, int> told = new(StringComparer.Ordinal);

    /// <summary>What of the .NET exceptions callers are told of. Exactly these: what derives from them comes from inside.</summary>
    private static readonly HashSet<Type> Documented =
    [
        typeof(ArgumentException), typeof(ArgumentNullException), typeof(ArgumentOutOfRangeException), typeof(FormatException),
        typeof(InvalidOperationException), typeof(OperationCanceledException), typeof(TaskCanceledException),
    ];

    public TortureRun Run => run;

    /// <summary>Tries it, and gives the answer or the exception's name in words.</summary>
    public async Task<string> OnceAsync(string what, string input, Func<Task<string>> act)
    {
        run.Operated();
        try
        {
            return "= " + await act().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Violation(what, $"hangs for {input}");
            return "hangs";
        }
        catch (Exception failure)
        {
            if (!IsDocumented(failure))
            {
                Violation($"{what} throws {failure.GetType().Name}", $"for {input}: {failure}");
            }

            return "! " + failure.GetType().Name;
        }
    }

    /// <summary>Tries it on each adapter: they agree.</summary>
    public async Task<string> OnAllAsync(string what, string input, IReadOnlyList<Adapter> adapters, Func<Adapter, Task<string>> act)
    {
        var first = await OnceAsync($"{what} ({adapters[0].Name})", input, () => act(adapters[0]));
        foreach (var adapter in adapters.Skip(1))
        {
            var other = await OnceAsync($"{what} ({adapter.Name})", input, () => act(adapter));
            if (first != other)
            {
                var lines = (first.Split('\n'), other.Split('\n'));
                Violation(
                    $"{what}: the adapters differ",
                    $"for {input}: only {adapters[0].Name} {Short(string.Join('\n', lines.Item1.Except(lines.Item2)))}, only {adapter.Name} {Short(string.Join('\n', lines.Item2.Except(lines.Item1)))}");
            }
        }

        run.Checked("answers");
        return first;
    }

    /// <summary>Says that something is so; a violation where it is not.</summary>
    public void Require(bool isSo, string what, string detail)
    {
        if (!isSo)
        {
            Violation(what, detail);
        }
    }

    /// <summary>Each kind is told once, and all are counted.</summary>
    public void Violation(string what, string detail)
    {
        if (told.AddOrUpdate(what, 1, (_, count) => count + 1) == 1)
        {
            run.Violation($"{what} {detail}");
        }
        else
        {
            run.Count($"again: {what}");
        }
    }

    public static string Show(string? text) => text is null ? "null" : Short("\"" + string.Concat(text.Select(one => one is >= ' ' and < '\u007f' ? $"{one}" : $"\\u{(int)one:x4}")) + $"\" ({text.Length})");

    public static string Show(byte[] bytes) => Short($"'{string.Concat(Encoding.Latin1.GetString(bytes).Select(one => one is >= ' ' and < '\u007f' ? $"{one}" : $"\\x{(int)one:x2}"))}' ({bytes.Length} bytes)");

    /// <summary>The library's own, and those of .NET that its documentation names.</summary>
    public static bool IsDocumented(Exception failure) =>
        Documented.Contains(failure.GetType())
        || (failure.GetType() is { IsPublic: true, Namespace: { } space } && (space == "EventSourcing" || space.StartsWith("EventSourcing.", StringComparison.Ordinal)) && space != "EventSourcing.Torture");

    private static string Short(string text) => text.Length <= 400 ? text : text[..300] + " … " + text[^60..];
}
