"""Writes a formula as a French spreadsheet shows it: names of functions, `;` between arguments, decimal commas."""

from __future__ import annotations

import re

# English name, then French one, of the functions that office work uses; the others keep their name.
_NAMES = """
ABS ABS AND ET AVERAGE MOYENNE AVERAGEA AVERAGEA AVERAGEIF MOYENNE.SI AVERAGEIFS MOYENNE.SI.ENS CEILING PLAFOND
CELL CELLULE CHAR CAR CHOOSE CHOISIR CLEAN EPURAGE CODE CODE COLUMN COLONNE COLUMNS COLONNES CONCAT CONCAT
CONCATENATE CONCATENER CONVERT CONVERT CORREL COEFFICIENT.CORRELATION COUNT NB COUNTA NBVAL COUNTBLANK NB.VIDE
COUNTIF NB.SI COUNTIFS NB.SI.ENS CUMIPMT CUMUL.INTER CUMPRINC CUMUL.PRINCPER DATE DATE DATEDIF DATEDIF
DATEVALUE DATEVAL DAY JOUR DAYS JOURS DAYS360 JOURS360 DB DB DDB DDB DMAX BDMAX DSUM BDSOMME DCOUNT BDNB DGET BDLIRE
DOLLAR DEVISE EDATE MOIS.DECALER EFFECT TAUX.EFFECTIF EOMONTH FIN.MOIS EVEN PAIR EXACT EXACT EXP EXP FACT FACT
FALSE FAUX FILTER FILTRE FIND TROUVE FIXED CTXT FLOOR PLANCHER FORECAST PREVISION FREQUENCY FREQUENCE FV VC
GETPIVOTDATA LIREDONNEESTABCROISDYNAMIQUE GROWTH CROISSANCE HLOOKUP RECHERCHEH HOUR HEURE HYPERLINK LIEN_HYPERTEXTE
IF SI IFERROR SIERREUR IFNA SI.NON.DISP IFS SI.CONDITIONS INDEX INDEX INDIRECT INDIRECT INT ENT INTERCEPT
ORDONNEE.ORIGINE IPMT INTPER IRR TRI ISBLANK ESTVIDE ISERR ESTERR ISERROR ESTERREUR ISEVEN EST.PAIR ISFORMULA
ESTFORMULE ISLOGICAL ESTLOGIQUE ISNA ESTNA ISNUMBER ESTNUM ISODD EST.IMPAIR ISOWEEKNUM NO.SEMAINE.ISO ISREF ESTREF
ISTEXT ESTTEXTE LARGE GRANDE.VALEUR LEFT GAUCHE LEN NBCAR LET LET LN LN LOG LOG LOG10 LOG10 LOOKUP RECHERCHE
LOWER MINUSCULE MATCH EQUIV MAX MAX MAXIFS MAX.SI.ENS MEDIAN MEDIANE MID STXT MIN MIN MINIFS MIN.SI.ENS
MINUTE MINUTE MOD MOD MODE MODE MONTH MOIS MROUND ARRONDI.AU.MULTIPLE N N NA NA NETWORKDAYS NB.JOURS.OUVRES
NETWORKDAYS.INTL NB.JOURS.OUVRES.INTL NOT NON NOW MAINTENANT NPER NPM NPV VAN ODD IMPAIR OFFSET DECALER OR OU
PERCENTILE CENTILE PERCENTRANK RANG.POURCENTAGE PI PI PMT VPM POWER PUISSANCE PPMT PRINCPER PRODUCT PRODUIT
PROPER NOMPROPRE PV VA QUARTILE QUARTILE QUOTIENT QUOTIENT RAND ALEA RANDBETWEEN ALEA.ENTRE.BORNES RANK RANG
RANK.EQ EQUATION.RANG RATE TAUX REPLACE REMPLACER REPT REPT RIGHT DROITE ROUND ARRONDI ROUNDDOWN ARRONDI.INF
ROUNDUP ARRONDI.SUP ROW LIGNE ROWS LIGNES SEARCH CHERCHE SECOND SECONDE SEQUENCE SEQUENCE SHEET FEUILLE
SIGN SIGNE SLN AMORLIN SLOPE PENTE SMALL PETITE.VALEUR SORT TRIER SORTBY TRIERPAR SQRT RACINE STDEV ECARTYPE
STDEV.P ECARTYPE.PEARSON STDEV.S ECARTYPE.STANDARD SUBSTITUTE SUBSTITUE SUBTOTAL SOUS.TOTAL SUM SOMME SUMIF SOMME.SI
SUMIFS SOMME.SI.ENS SUMPRODUCT SOMMEPROD SWITCH SI.MULTIPLE T T TEXT TEXTE TEXTJOIN JOINDRE.TEXTE TIME TEMPS
TIMEVALUE TEMPSVAL TODAY AUJOURDHUI TRANSPOSE TRANSPOSE TREND TENDANCE TRIM SUPPRESPACE TRUE VRAI TRUNC TRONQUE
TYPE TYPE UNIQUE UNIQUE UPPER MAJUSCULE VALUE CNUM VAR VAR VLOOKUP RECHERCHEV WEEKDAY JOURSEM WEEKNUM NO.SEMAINE
WORKDAY SERIE.JOUR.OUVRE WORKDAY.INTL SERIE.JOUR.OUVRE.INTL XIRR TRI.PAIEMENTS XLOOKUP RECHERCHEX XMATCH EQUIVX
XNPV VAN.PAIEMENTS XOR OUX YEAR ANNEE YEARFRAC FRACTION.ANNEE AGGREGATE AGREGAT
ARRAYTOTEXT TABLEAU.EN.TEXTE CHOOSECOLS CHOISIRCOLS CHOOSEROWS CHOISIRLIGNES DROP EXCLURE EXPAND ETENDRE
HSTACK ASSEMB.H RANDARRAY TABLEAU.ALEAT TAKE PRENDRE TEXTAFTER TEXTE.APRES TEXTBEFORE TEXTE.AVANT
TEXTSPLIT FRACTIONNER.TEXTE TOCOL DANSCOL TOROW DANSLIGNE VALUETOTEXT VALEUR.EN.TEXTE VSTACK ASSEMB.V
WRAPCOLS ORGA.COLS WRAPROWS ORGA.LIGNES
"""
_FRENCH = dict(zip(_NAMES.split()[::2], _NAMES.split()[1::2], strict=True))
_ERRORS = {"#NAME?": "#NOM?", "#NULL!": "#NUL!", "#NUM!": "#NOMBRE!", "#VALUE!": "#VALEUR!"}
_PARTS = {  # of a table
    "[#all]": "[#Tout]", "[#data]": "[#Données]", "[#headers]": "[#En-têtes]", "[#totals]": "[#Totaux]",
    "[#this row]": "[#Cette ligne]",
}  # fmt: skip
_TOKEN = re.compile(
    r"""
    (?P<words>"(?:[^"]|"")*"?)
    | (?P<sheet>'(?:[^']|'')*'?)
    | (?P<array>[{}])
    | (?P<error>\#[A-Z/0]+[!?])
    | (?P<spilled>_xlfn\.ANCHORARRAY\([^()"]*\))
    | (?P<single>_xlfn\.SINGLE\([^()"]*\))
    | (?P<this_row>\[\[\#This\ Row\],\[?[^\[\]]*\]{1,2})
    | (?P<parameter>_xlpm\.\w+)
    | (?P<given>_xleta\.[A-Z][A-Z0-9.]*)
    | (?P<inner>\[[^\[\]]*\])
    | (?P<function>(?:_xl\w+\.)*[A-Z][A-Z0-9.]*)(?=\()
    | (?P<truth>\b(?:TRUE|FALSE)\b)
    | (?P<number>\d+\.\d+|(?<![\w.])\.\d+)
    | (?P<other>\w+|.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def french(formula: str) -> str:
    """Returns « =SOMME(A1:A3;0,5) » for « SUM(A1:A3,0.5) »."""
    texts, within_array = ["="], False
    for match in _TOKEN.finditer(formula):
        text = match[0]
        if match.lastgroup == "array":
            within_array = text == "{"
        elif text == ",":
            text = "." if within_array else ";"  # between the columns of a list of constants
        texts.append(_shown(match.lastgroup or "", text))
    return "".join(texts)


def functions_in(formula: str) -> list[str]:
    """Returns the French names of the functions that a formula calls, in its order."""
    matches = _TOKEN.finditer(formula)
    return [_shown("function", match["function"]) for match in matches if match.lastgroup == "function"]


def _shown(group: str, text: str) -> str:
    """Returns a piece of a formula as it is displayed. group: of _TOKEN."""
    match group:
        case "error":
            return _ERRORS.get(text.upper(), text)
        case "function" | "given":
            name = text.upper().split("_XLFN.")[-1]
            for stored in ("_XLWS.", "_XLUDF.", "_XLETA."):
                name = name.removeprefix(stored)
            return _FRENCH.get(name, name)
        case "truth":
            return _FRENCH[text.upper()]
        case "number":
            return text.replace(".", ",")
        case "spilled":
            return f"{text.partition('(')[2][:-1]}#"
        case "single":
            return f"@{text.partition('(')[2][:-1]}"
        case "this_row":
            return _of_this_row(text.partition(",")[2].strip("[]"))
        case "parameter":
            return text.partition(".")[2]
        case "inner":
            return _PARTS.get(text.lower(), text)
    return text


def _of_this_row(column: str) -> str:
    """Returns « [@Prime] », or « [@[Prime nette]] » where the name of the column is more than a word."""
    return f"[@{column}]" if column.isalnum() else f"[@[{column}]]"
