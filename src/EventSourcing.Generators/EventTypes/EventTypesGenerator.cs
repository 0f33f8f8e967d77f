using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventSourcing.Generators.EventTypes;

/// <summary>Fills in each class that implements <c>IEventTypes</c>: registers every event class of the assembly.</summary>
[Generator(LanguageNames.CSharp)]
internal sealed class EventTypesGenerator : IIncrementalGenerator
{
    public const string EventsStep = "Events";
    public const string ListsStep = "Lists";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var events = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                Known.EventTypeAttribute,
                static (node, _) => node is TypeDeclarationSyntax,
                static (found, _) => ModelOf((INamedTypeSymbol)found.TargetSymbol))
            .Where(static model => model is not null)
            .Collect()
            .Select(static (models, _) => new EquatableArray<EventModel>(models.OfType<EventModel>().OrderBy(model => model.StoredName, StringComparer.Ordinal)))
            .WithTrackingName(EventsStep);

        var lists = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => IsList(node),
                static (found, cancellationToken) => ListOf(found, cancellationToken))
            .Where(static list => list is not null)
            .WithTrackingName(ListsStep);

        context.RegisterSourceOutput(lists.Combine(events), static (output, found) =>
            output.AddSource(found.Left!.Place.FileName("Events"), found.Left.Place.File(Member(found.Left, found.Right))));
    }

    private static EventModel? ModelOf(INamedTypeSymbol type) =>
        Known.StoredNameOf(type) is { } name && type.CanBeNamed() ? new EventModel(type.ToDisplayString(Known.Full), name) : null;

    private static EventTypesModel? ListOf(GeneratorSyntaxContext found, CancellationToken cancellationToken) =>
        found.SemanticModel.GetDeclaredSymbol(found.Node, cancellationToken) is INamedTypeSymbol type
            && type.Implements(Known.IEventTypes)
            && TypePlace.IsOpen(type)
            && TypePlace.IsFirst(type, found.Node, IsList)
            && !type.GetMembers().OfType<IMethodSymbol>().Any(method => method.Name.EndsWith("AddTo", StringComparison.Ordinal))
            ? new EventTypesModel(TypePlace.Of(type), IsJson(type))
            : null;

    private static bool IsList(SyntaxNode node) =>
        node is ClassDeclarationSyntax { BaseList: { } bases } && bases.Types.Any(type => NameOf(type.Type) == "IEventTypes");

    // The framework's own generator makes nothing of a context that lists nothing.
    private static bool IsJson(INamedTypeSymbol type) =>
        type.DerivesFrom(Known.JsonContext) && type.GetAttributes().Any(attribute => attribute.AttributeClass.Is(Known.JsonSerializable));

    private static IEnumerable<string> Member(EventTypesModel list, EquatableArray<EventModel> events)
    {
        yield return TypePlace.Generated;
        yield return "static void global::EventSourcing.IEventTypes.AddTo(global::EventSourcing.EventTypeRegistry registry)";
        yield return "{";
        foreach (var one in events)
        {
            yield return $"    registry.Add<{one.Type}>({SymbolDisplay.FormatLiteral(one.StoredName, quote: true)});";
        }

        if (list.IsJson)
        {
            yield return "    registry.AddJson(Default);";
        }

        yield return "}";
    }

    private static string? NameOf(TypeSyntax type) => type switch
    {
        QualifiedNameSyntax qualified => qualified.Right.Identifier.ValueText,
        AliasQualifiedNameSyntax alias => alias.Name.Identifier.ValueText,
        SimpleNameSyntax simple => simple.Identifier.ValueText,
        _ => null,
    };
}
