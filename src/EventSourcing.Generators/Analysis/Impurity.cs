using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace EventSourcing.Generators.Analysis;

/// <summary>What a decision or a fold is not to do: its outcome would be another one the next time.</summary>
/// <param name="What">What it does, after its name.</param>
/// <param name="Instead">What to do instead.</param>
/// <param name="IsChance">Whether it is a random value, which a decision may make: it is stored with the event.</param>
internal sealed record Impurity(string What, string Instead, bool IsChance = false)
{
    private static readonly Impurity Clock = new("reads the clock", "take the time with the command");
    private static readonly Impurity Io = new("reaches outside", "find out before, and take it with the command");
    private static readonly Impurity Wait = new("waits for something outside", "wait for it before, and take it with the command");
    private static readonly Impurity Chance = new("is another value each time", "take it from the event", IsChance: true);

    private static readonly HashSet<string> Outside = new(StringComparer.Ordinal)
    {
        "EventSourcing.ICommandDispatcher",
        "EventSourcing.IEventStore",
        "EventSourcing.IRepository",
        "EventSourcing.RepositoryExtensions",
        "Microsoft.Extensions.Logging.ILogger",
        "Microsoft.Extensions.Logging.LoggerExtensions",
        "System.Console",
        "System.Diagnostics.Process",
        "System.IO.Directory",
        "System.IO.DirectoryInfo",
        "System.IO.DriveInfo",
        "System.IO.File",
        "System.IO.FileInfo",
        "System.IO.FileStream",
        "System.Net.Dns",
        "System.Net.Http.HttpClient",
    };

    private static readonly string[] OutsideNamespaces = ["Dapper", "Microsoft.EntityFrameworkCore", "Npgsql", "System.Data.Common", "System.Net.Sockets"];

    /// <summary>What is impure about an operation itself, not about what it consists of; null where nothing is known to be.</summary>
    public static (Impurity Impurity, string Name)? Of(IOperation operation) => operation switch
    {
        IAwaitOperation => (Wait, "await"),
        IPropertyReferenceOperation { Property: var property } => Named(OfMember(property), property),
        IInvocationOperation { TargetMethod: var method } => Named(OfMember(method), method),
        IMethodReferenceOperation { Method: var method } => Named(OfMember(method), method),
        IObjectCreationOperation { Constructor: { } constructor } => OfCreation(constructor) is { } impurity ? (impurity, $"new {constructor.ContainingType.Name}") : null,
        _ => null,
    };

    private static (Impurity Impurity, string Name)? Named(Impurity? impurity, ISymbol member) =>
        impurity is null ? null : (impurity, $"{member.ContainingType.Name}.{member.Name}");

    private static Impurity? OfMember(ISymbol member)
    {
        if (member.ContainingType is not { } type)
        {
            return null;
        }

        return (NameOf(type), member.Name) switch
        {
            ("System.DateTime", "Now" or "UtcNow" or "Today") => Clock,
            ("System.DateTimeOffset", "Now" or "UtcNow") => Clock,
            ("System.TimeProvider", "GetUtcNow" or "GetLocalNow" or "GetTimestamp" or "GetElapsedTime") => Clock,
            ("System.Diagnostics.Stopwatch", not "Frequency") => Clock,
            ("System.Environment", "TickCount" or "TickCount64") => Clock,
            ("System.Environment", not ("NewLine" or "FailFast")) => Io,
            ("System.Guid", "CreateVersion7") => member is IMethodSymbol { Parameters.IsEmpty: true } ? Clock : Chance,
            ("System.Guid", "NewGuid") => Chance,
            ("System.Random", "Shared") => Chance,
            ("System.Security.Cryptography.RandomNumberGenerator", _) => Chance,
            ("System.Threading.Thread", "Sleep") => Wait,
            ("System.Threading.Tasks.Task", "Delay" or "Run" or "Wait") => Wait,
            _ => IsOutside(type) ? Io : null,
        };
    }

    private static Impurity? OfCreation(IMethodSymbol constructor) => NameOf(constructor.ContainingType) switch
    {
        "System.Random" => constructor.Parameters.IsEmpty ? Chance : null,
        _ => IsOutside(constructor.ContainingType) ? Io : null,
    };

    private static bool IsOutside(INamedTypeSymbol type) =>
        !type.SelfAndBases().Any(parent => NameOf(parent) == "System.Exception")
        && (Outside.Contains(NameOf(type)) || OutsideNamespaces.Contains(type.ContainingNamespace?.ToDisplayString()));

    private static string NameOf(INamedTypeSymbol type) => $"{type.ContainingNamespace?.ToDisplayString()}.{type.MetadataName}";
}
