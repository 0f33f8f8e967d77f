using System.Text;

namespace EventSourcing;

/// <summary>What followed from an event or a command: the commands that were sent because of it, the events that they left, and so on.</summary>
public sealed class CausalTree
{
    private const int DeepestIndent = 40;

    private readonly List<CausalTree> effects = [];

    internal CausalTree(CausalStep step) => Step = step;

    /// <summary>The event or command.</summary>
    public CausalStep Step { get; }

    /// <summary>What directly followed, in the order of the log. An event stands in the tree once, whatever its metadata say.</summary>
    public IReadOnlyList<CausalTree> Effects => effects;

    /// <summary>This step and all that followed, each before what followed from it.</summary>
    public IEnumerable<CausalStep> Steps() => Walk().Select(at => at.Tree.Step);

    /// <summary>For people: a line for each step, indented below what it followed from.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (tree, depth) in Walk())
        {
            // Chains may be longer than lines.
            text.Append(text.Length == 0 ? string.Empty : "\n").Append(' ', 2 * Math.Min(depth, DeepestIndent)).Append(tree.Step);
        }

        return text.ToString();
    }

    internal CausalTree Add(CausalStep step)
    {
        var effect = new CausalTree(step);
        effects.Add(effect);
        return effect;
    }

    // Without recursion: whoever writes metadata decides how deep it is.
    private IEnumerable<(CausalTree Tree, int Depth)> Walk()
    {
        var left = new Stack<(CausalTree, int)>();
        left.Push((this, 0));
        while (left.TryPop(out var at))
        {
            yield return at;
            var (tree, depth) = at;
            for (var i = tree.effects.Count - 1; i >= 0; i--)
            {
                left.Push((tree.effects[i], depth + 1));
            }
        }
    }
}
