using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace EventSourcing.Architecture;

/// <summary>Prints what an assembly promises, one member a line, in an order that does not depend on the compiler.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type)).Append(Bases(type)).Append('\n');
            foreach (var member in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("  ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string[] Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type);
        }

        var methods = type.GetMethods(Declared)
            .Where(method => IsVisible(method) && !method.IsSpecialName && !IsOfTheCompiler(method))
            .Select(method => $"{Modifiers(method)}{Name(method.ReturnType)} {method.Name}{Generics(method)}({Parameters(method)})");
        var operators = type.GetMethods(Declared)
            .Where(method => method.IsPublic && method.Name is "op_Implicit" or "op_Explicit")
            .Select(method => $"{method.Name}: {Parameters(method)} -> {Name(method.ReturnType)}");
        var constructors = type.GetConstructors(Declared)
            .Where(constructor => IsVisible(constructor) && !IsOfTheCompiler(constructor))
            .Select(constructor => $"{Modifiers(constructor)}new({Parameters(constructor)})");
        var properties = type.GetProperties(Declared)
            .Where(property => (property.GetMethod ?? property.SetMethod) is { } accessor && IsVisible(accessor) && property.Name != "EqualityContract")
            .Select(property => $"{Modifiers((property.GetMethod ?? property.SetMethod)!)}{Name(property.PropertyType)} {property.Name} {{ {Accessors(property)} }}");
        var fields = type.GetFields(Declared)
            .Where(field => field.IsPublic)
            .Select(field => $"{(field.IsLiteral ? "const " : string.Empty)}{Name(field.FieldType)} {field.Name}");
        return [.. constructors, .. fields, .. properties, .. methods, .. operators];
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    // What the compiler adds to every record says nothing about the design.
    private static bool IsOfTheCompiler(MethodBase method) =>
        method.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || method.Name is "PrintMembers" or "<Clone>$";

    private static string Modifiers(MethodBase method) =>
        (method.IsFamily || method.IsFamilyOrAssembly ? "protected " : string.Empty)
        + (method.IsStatic ? "static " : method.IsAbstract && !method.DeclaringType!.IsInterface ? "abstract " : method.IsVirtual && !method.IsFinal && !method.DeclaringType!.IsInterface ? "virtual " : string.Empty);

    private static string Accessors(PropertyInfo property)
    {
        var setter = property.SetMethod is { } set && IsVisible(set)
            ? set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;"
            : string.Empty;
        return (property.GetMethod is null ? string.Empty : "get;") + setter;
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{(parameter.IsDefined(typeof(ParamCollectionAttribute)) || parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : string.Empty)}{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? " = " + (parameter.DefaultValue ?? "default") : string.Empty)}"));

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : string.Empty;

    private static string Kind(Type type) =>
        type.IsInterface ? "interface"
        : type.IsEnum ? "enum"
        : type.IsValueType ? "struct"
        : type is { IsAbstract: true, IsSealed: true } ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class"
        : "class";

    private static string Bases(Type type)
    {
        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum))
        {
            bases.Add(Name(parent));
        }

        bases.AddRange(type.GetInterfaces()
            .Where(contract => contract.Assembly == type.Assembly || contract.Assembly == typeof(IEventStore).Assembly || contract.Name.Contains("Disposable", StringComparison.Ordinal))
            .Select(Name)
            .Order(StringComparer.Ordinal));
        return bases.Count == 0 || type.IsEnum ? string.Empty : " : " + string.Join(", ", bases);
    }

    private static string Name(Type type)
    {
        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying) + "?";
        }

        var name = type.Name.Split('`')[0];
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }
}
