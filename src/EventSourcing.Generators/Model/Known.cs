using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Model;

/// <summary>What the generator and the analyzers know of the library and of the framework, by name: it may be of any version.</summary>
internal static class Known
{
    public const string EventTypeAttribute = "EventSourcing.EventTypeAttribute";
    public const string IEventTypes = "EventSourcing.IEventTypes";
    public const string Aggregate = "EventSourcing.Aggregate";
    public const string Decider = "EventSourcing.Decider`3";
    public const string Fold = "EventSourcing.Fold`1";
    public const string DecisionProjection = "EventSourcing.DecisionProjection`1";
    public const string JsonContext = "System.Text.Json.Serialization.JsonSerializerContext";
    public const string JsonSerializable = "System.Text.Json.Serialization.JsonSerializableAttribute";

    /// <summary>How a type is written in generated code: in full, whatever is imported there.</summary>
    public static readonly SymbolDisplayFormat Full = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers
        | SymbolDisplayMiscellaneousOptions.UseSpecialTypes
        | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>How a type is named to people.</summary>
    public static string Named(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat);

    public static bool Is(this ITypeSymbol? type, string metadataName) =>
        type is INamedTypeSymbol named && NameOf(named.OriginalDefinition) == metadataName;

    /// <summary>The type itself and its bases, nearest first.</summary>
    public static IEnumerable<INamedTypeSymbol> SelfAndBases(this ITypeSymbol type)
    {
        for (var current = type as INamedTypeSymbol; current is not null; current = current.BaseType)
        {
            yield return current;
        }
    }

    public static bool DerivesFrom(this ITypeSymbol type, string metadataName) => type.SelfAndBases().Skip(1).Any(parent => parent.Is(metadataName));

    public static bool Implements(this ITypeSymbol type, string metadataName) => type.AllInterfaces.Any(contract => contract.Is(metadataName));

    /// <summary>Whether a value of the type is one of another, too.</summary>
    public static bool IsKindOf(this ITypeSymbol type, ITypeSymbol other) =>
        other.SpecialType == SpecialType.System_Object
        || type.SelfAndBases().Concat(type.AllInterfaces).Any(kind => SymbolEqualityComparer.Default.Equals(kind, other));

    public static bool IsEvent(this ITypeSymbol type) => StoredNameOf(type) is not null;

    /// <summary>The name that is stored for an event, with its version from 2 on; null where the type is no event.</summary>
    public static string? StoredNameOf(ITypeSymbol type)
    {
        var attribute = type.GetAttributes().FirstOrDefault(data => data.AttributeClass.Is(EventTypeAttribute));
        if (attribute is not { ConstructorArguments: [{ Value: string name }] })
        {
            return null;
        }

        var version = attribute.NamedArguments.FirstOrDefault(argument => argument.Key == "Version").Value.Value as int? ?? 1;
        return version == 1 ? name : FormattableString.Invariant($"{name}@{version}");
    }

    /// <summary>Whether code of the same assembly may name the type.</summary>
    public static bool CanBeNamed(this INamedTypeSymbol type) =>
        !type.IsFileLocal
        && type.DeclaredAccessibility is not (Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal)
        && !type.IsGenericType
        && type.ContainingType?.CanBeNamed() != false;

    /// <summary>Whether the generator has written the method.</summary>
    public static bool IsGenerated(this IMethodSymbol method) => method.GetAttributes().Any(attribute =>
        attribute is { AttributeClass.Name: "GeneratedCodeAttribute", ConstructorArguments: [{ Value: "EventSourcing.Generators" }, ..] });

    private static string NameOf(INamedTypeSymbol type) =>
        type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space.ToDisplayString()}.{type.MetadataName}" : type.MetadataName;
}
