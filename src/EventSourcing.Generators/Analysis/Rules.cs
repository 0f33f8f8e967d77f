using System.Reflection;
using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Analysis;

/// <summary>What the analyzers tell; each has a section on the page docs/generators.md.</summary>
internal static class Rules
{
    public const string PublicSetterId = "ES0001";
    public const string UnhandledEventId = "ES0002";
    public const string ImpureDecisionId = "ES0003";
    public const string SharedNameId = "ES0004";
    public const string NotPartialId = "ES0005";
    public const string WrongHandlerId = "ES0006";
    public const string MissingFromContextId = "ES0007";
    public const string UnlistedEventId = "ES0008";

    public static readonly DiagnosticDescriptor PublicSetter = Rule(
        PublicSetterId,
        "An event has a public setter",
        "'{0}' can be set after '{1}' has happened; what has happened does not change");

    public static readonly DiagnosticDescriptor InheritedSetter = Rule(
        PublicSetterId,
        "An event has a public setter",
        "'{1}' inherits '{0}', which can be set after it has happened; what has happened does not change");

    public static readonly DiagnosticDescriptor UnhandledEvent = Rule(
        UnhandledEventId,
        "An event without a handler",
        "'{0}' raises '{1}' and does not handle it in Apply; where the event changes nothing, say so with an empty one");

    public static readonly DiagnosticDescriptor UnhandledCase = Rule(
        UnhandledEventId,
        "An event without a handler",
        "'{0}' has no method When for '{1}', which Evolve may be given; where the event changes nothing, say so with one that returns the state");

    public static readonly DiagnosticDescriptor ImpureDecision = Rule(
        ImpureDecisionId,
        "A clock or I/O in a decision",
        "'{0}' {1} in '{2}', which runs again after a conflict and whenever events are read; {3}");

    public static readonly DiagnosticDescriptor SharedName = Rule(
        SharedNameId,
        "Two events with one name",
        "'{0}' is the stored name of '{1}' and of '{2}'; choose another name, or another Version");

    public static readonly DiagnosticDescriptor NotPartial = Rule(
        NotPartialId,
        "A class that is to be completed is not partial",
        "'{0}' is not partial, so {1}");

    public static readonly DiagnosticDescriptor WrongHandler = Rule(
        WrongHandlerId,
        "A handler that nothing calls",
        "Nothing calls '{0}': {1}");

    public static readonly DiagnosticDescriptor MissingFromContext = Rule(
        MissingFromContextId,
        "An event is missing from the JSON context",
        "'{0}' does not list {1}; without reflection such events can be neither written nor read");

    public static readonly DiagnosticDescriptor UnlistedEvent = Rule(
        UnlistedEventId,
        "An event that generated code cannot name",
        "'{0}' is {1}, so '{2}' leaves it out; make it an internal or public class without type parameters");

    private static DiagnosticDescriptor Rule(string id, string title, string message) =>
        new(id, title, message, "EventSourcing", DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpLink(id));

    /// <summary>Where the page is, if the build knows where the repository lives; otherwise its path there.</summary>
    private static string HelpLink(string id)
    {
        var home = typeof(Rules).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(data => data.Key == "RepositoryUrl")?.Value;
        var page = $"docs/generators.md#{id.ToLowerInvariant()}";
        return home is null ? page : $"{home}/blob/main/{page}";
    }
}
